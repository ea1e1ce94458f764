"""Compiles the path of a packet when the package is built, where there is a C compiler.

The sources stay Python and run as they are from a checkout; mypyc turns the same files into
extension modules, which cost a third less. VCS_COMPILE says what is wanted: `auto` (the default:
compiled where that works, said in words where it does not), `1` (compiled, or the build fails) or
`0` (as they are).
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

COMPILED = (
    *(
        f"vcs/media/{name}.py"
        for name in (
            "allocation",
            "delivery",
            "estimate/acknowledged",
            "estimate/bandwidth",
            "estimate/busy",
            "estimate/loss_based",
            "estimate/overuse",
            "estimate/prober",
            "estimate/rate_control",
            "estimate/trend",
            "h264",
            "history",
            "level",
            "loss",
            "packet",
            "red",
            "reception",
            "rtcp",
            "sequence",
            "timestamp",
            "twcc",
            "vp8",
        )
    ),
    "vcs/downlink.py",
    "vcs/feedback.py",
    "vcs/feeds.py",
    "vcs/layers.py",
    "vcs/sfu.py",
    *(
        f"vcs/plane/{name}.py"
        for name in (
            "chaser",
            "datagrams",
            "drowse",
            "forwarder",
            "inlet",
            "key_frames",
            "pacer",
            "paths",
            "peer",
            "rings",
            "route",
            "sender",
            "srtp",
            "stream",
            "tail",
        )
    ),
)
"""Whatever a packet passes, and what that calls: calls between compiled modules are cheap."""


class CustomBuildHook(BuildHookInterface[Any]):
    """Adds the compiled modules to a wheel, beside their sources."""

    _folder: Path | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        wanted = os.environ.get("VCS_COMPILE", "auto")
        if wanted not in ("auto", "0", "1"):
            raise ValueError(f"VCS_COMPILE is auto, 0 or 1, not {wanted!r}")
        if self.target_name != "wheel" or version == "editable" or wanted == "0":
            return
        self._folder = Path(tempfile.mkdtemp(prefix="vcs-build-"))
        try:
            built = _compile(Path(self.root), self._folder)
        except (Exception, SystemExit) as error:  # whatever a foreign compiler's tools may raise
            if wanted == "1":
                raise
            self.app.display_warning(
                f"the packet plane is not compiled and will cost half as much again: {error}. "
                "It needs a C compiler and Python's headers (Debian: gcc libc6-dev python3-dev)."
            )
            return
        for path in built:
            build_data["force_include"][str(path)] = str(path.relative_to(self._folder / "lib"))
        build_data["pure_python"] = False
        build_data["infer_tag"] = True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _compile(root: Path, folder: Path) -> list[Path]:
    """The extension modules, in `folder`/lib by their places in the package."""
    from mypyc.build import mypycify
    from setuptools import Distribution

    before = Path.cwd()
    os.chdir(root)  # mypy names modules by where they are from here
    sys.path.insert(0, str(root))
    try:
        options = ["--config-file=", "--ignore-missing-imports", f"--cache-dir={folder / 'cache'}"]
        extensions = mypycify(
            [*options, *COMPILED], opt_level="3", target_dir=str(folder / "c"), group_name="vcs"
        )
        distribution = Distribution({"name": "vcs", "ext_modules": extensions})
        command = distribution.get_command_obj("build_ext")
        command.build_lib = str(folder / "lib")
        command.build_temp = str(folder / "temp")
        command.ensure_finalized()
        command.run()
    finally:
        sys.path.remove(str(root))
        os.chdir(before)
    return sorted((folder / "lib").rglob("*.so"))
