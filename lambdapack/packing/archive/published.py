"""Whether the compressor at hand is a wheel that PyPI hands out: for ``-v`` alone.

A wheel that was built elsewhere has the same version, and a WHEEL and a RECORD as good; only the bytes of its extension
module tell the two apart. What such a build does is the canary's business: this says where it is from.
"""

import hashlib
from pathlib import Path

from deflate import __version__, _deflate

VERSION = __version__
"""The release of the compressor at hand."""

PUBLISHED = "0.9.0"
"""The release whose wheels are known here: the one that is pinned."""

WHEELS = {
    "19dea29c7cd8cb0ebe2ac71ff78ef45e26206c64342910950f9fc41d8946722e",  # cp311-abi3-macosx_10_9_x86_64
    "51c34908407df44caf12f3f2f89bf8c28db7bd04df578b46ce9654594d3a0d16",  # cp311-abi3-macosx_11_0_arm64
    "65a7be379b138b5803b4435bed798e9d53efd05e147c8131ccc89b3cb4fd922c",  # cp311-abi3-manylinux_2_28_aarch64
    "acdcfa0b0bfb455cd122da8307ed619d32ddae4a7a5d69c81e1aec81038e9ac4",  # cp311-abi3-manylinux_2_28_x86_64
    "43cc73c6e781f525b04b44ff1e17ef7f9bb229a6efb1fc5873482eb666e8a955",  # cp311-abi3-musllinux_1_2_aarch64
    "fa5d16da882b5b0dd2b1000a1307c38ec1f678d686aefd032dce4b19fbf02e12",  # cp311-abi3-musllinux_1_2_x86_64
    "b6c58e2be72387c631d4bdb35689fc8500df925b3c95e6cd281cce20882e3fed",  # cp311-abi3-win32
    "a114c12655e9f8d2ab040c227ae64d81d5fcb5babe467befacab19a66ae870be",  # cp311-abi3-win_amd64
    "6de804c65f9c94bfa9dad09b67a3e80c7acbc914ceca500c68bdc1158830264a",  # cp311-abi3-win_arm64
    "2177dcbf7b590bd0568546c60ba2fa6dbe585f8670f049dfe15d1df2f5d4d1fa",  # cp314-cp314t-macosx_10_15_x86_64
    "1748ecb72a2dbfe28c82bc2299268009aa1943bf68d18eeacab33a760b16ac70",  # cp314-cp314t-macosx_11_0_arm64
    "3dd0d915e6e4cdd29d298d6455f2d0184c899a0cd78d99aee713fa3b8f383b00",  # cp314-cp314t-manylinux_2_28_aarch64
    "ea70dfbedb4fcb10a5068ace4e39b4cb129729aaba91e16db03ab4f68c64327a",  # cp314-cp314t-manylinux_2_28_x86_64
    "176eb2b75fddc3eb5e9a143465075a974affcfe22477d3f120186521f4be504d",  # cp314-cp314t-musllinux_1_2_aarch64
    "7fdb8d6d6619e0b839bde5839ff540a215cbc2b7d8c175e8450dfbc692f20a8a",  # cp314-cp314t-musllinux_1_2_x86_64
    "41677085c8c834632a2da993765acd949277f7feeb372927db757610873af262",  # cp314-cp314t-win32
    "fc3213ee41cbcb3282028a075c93e4a6836a0f65223cbfa1fdd77999c87e47ec",  # cp314-cp314t-win_amd64
    "eecce9eccd7a7ac4de047bc2d4889878575aaacf0d87a35e223de88664a030c5",  # cp314-cp314t-win_arm64
}
"""SHA-256 of the extension module in each of its wheels on PyPI (``pip download deflate==0.9.0``)."""


def is_published_wheel(extension: Path = Path(_deflate.__file__)) -> bool:
    """Return whether ``extension`` is the one of a published wheel, byte by byte."""
    try:
        return hashlib.sha256(extension.read_bytes()).hexdigest() in WHEELS
    except OSError:
        return False
