"""Send-side bandwidth estimation towards one receiver, after draft-ietf-rmcat-gcc-02.

`bandwidth.BandwidthEstimator` is the whole; each other file is one idea of it.
"""
