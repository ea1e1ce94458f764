class NoBrowser(Exception):
    pass
class BrowserDesk:
    pass
