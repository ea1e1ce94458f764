import pytest

for name in ("counter", "people", "verifying", "visitors"):
    pytest.register_assert_rewrite(f"tests.browser.{name}")
