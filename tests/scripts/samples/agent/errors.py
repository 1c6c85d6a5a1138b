def swallows(act, log):
    try:
        act()
    # below: blind-except
    except Exception:
        log.error("no")
    try:
        act()
    # below: blind-except
    except (ValueError, Exception) as error:
        log.error("no %s", type(error))
    try:
        act()
    # below: blind-except
    except BaseException:
        log.error("no")
    try:
        act()
    # below: blind-except
    except:
        pass


def is_careful(act, log):
    try:
        act()
    except (ValueError, OSError):
        log.error("no")
    try:
        act()
    except Exception:  # noqa: BLE001 - whatever went wrong, the ticket must stay due
        log.error("no")
    try:
        act()
    except BaseException:
        log.error("half")
        raise
    try:
        act()
    except ExceptionGroup:
        log.error("several")
