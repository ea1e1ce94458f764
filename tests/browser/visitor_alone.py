"""What a visitor does at a booth page before and after the form, by touch."""

from __future__ import annotations

from tests.browser.people import BoothPage


def await_field(booth: BoothPage, field: str) -> None:
    """Until this field is asked for."""
    booth.page.locator(f"[data-field={field}]").wait_for()


def sit_down(booth: BoothPage) -> None:
    """From the start to the first field of the JHT claim."""
    booth.await_screen("idle")
    booth.touch(".stage .btn--main")
    booth.await_screen("services")
    booth.touch("[data-service=jht]")
    booth.await_screen("consent")
    booth.touch(".stage .btn--main")
    await_field(booth, "name")


def sit_down_next(booth: BoothPage) -> None:
    """After a visitor who may still be looking at the goodbye."""
    booth.await_screen("goodbye", "idle")
    if booth.screen == "goodbye":
        booth.touch(".stage .btn")
    sit_down(booth)


def leave(booth: BoothPage) -> None:
    """By the help button, before the end."""
    booth.touch(".top .btn")
    booth.await_screen("menu")
    booth.page.locator(".four .btn").last.click()
    booth.await_screen("stop")
    booth.page.locator(".acts .btn").last.click()
    booth.await_screen("goodbye")


def type_in(booth: BoothPage, text: str) -> None:
    """By the keys on the screen, as they are labelled; capitals come by themselves."""
    for sign in text:
        key = ".keys__space" if sign == " " else f".keys span:text-is('{sign}')"
        booth.touch(key)
