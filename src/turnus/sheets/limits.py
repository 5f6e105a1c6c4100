"""How much a file may hold: bounds that keep a hostile or broken file from taking the server down."""

MAX_COLUMNS = 500
#: A cell of a spreadsheet program holds at most this many letters; a longer one is an accident or an attack.
MAX_CELL = 131_072
#: Uncompressed bytes of a workbook, and how much smaller its archive may be: bombs shrink thousandfold.
MAX_UNPACKED = 4 * 1024**3
MAX_RATIO = 500
#: Uncompressed bytes of the texts that all sheets share: every reader has to hold them in memory.
MAX_SHARED = 256 * 1024**2
#: Uncompressed bytes of a part that is parsed as a whole, such as the styles.
MAX_SMALL_PART = 32 * 1024**2
#: Uncompressed bytes of one row or one shared text, which is held in memory until it is complete.
MAX_ELEMENT = 16 * 1024**2
