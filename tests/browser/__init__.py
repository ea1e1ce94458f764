import pytest

pytest.register_assert_rewrite("tests.browser.counter", "tests.browser.people")
