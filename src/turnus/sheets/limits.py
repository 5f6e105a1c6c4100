"""How much a file may hold, so that a hostile or broken one cannot take the server down."""

MAX_COLUMNS = 500
#: A cell of a spreadsheet program holds at most so many letters; more is an accident or an attack.
MAX_CELL = 131_072
#: Unpacked bytes of a workbook, and how many times smaller its archive may be.
MAX_UNPACKED = 4 * 1024**3
MAX_RATIO = 500
#: Uncompressed bytes of the texts that all sheets share: every reader has to hold them in memory.
MAX_SHARED = 256 * 1024**2
#: Uncompressed bytes of a part that is parsed as a whole, such as the styles.
MAX_SMALL_PART = 32 * 1024**2
#: Uncompressed bytes of one row or one shared text, which is held in memory until it is complete.
MAX_ELEMENT = 16 * 1024**2
#: Sheets of a workbook; nobody finds the right one among more.
MAX_SHEETS = 1_000
#: Rows that a sheet has at the most, and columns: the grid that every spreadsheet program shows.
GRID_ROWS, GRID_COLUMNS = 1_048_576, 16_384
#: Letters of a number format; spreadsheet programs write 255 at the most.
MAX_FORMAT = 1_000
#: Address space of the process that reads a file; the largest shared texts take half of it.
READER_BYTES = 1024**3
#: Seconds of processor time until the headings are known, and for the whole file: twenty times what
#: an ordinary file takes.
OPENING_SECONDS, OPENING_SECONDS_PER_MB = 20.0, 0.5
READING_SECONDS, READING_SECONDS_PER_MB = 60.0, 4.0
#: So many times longer by the clock: the machine has other things to do as well.
PATIENCE = 3
#: Bytes of the cells of a file: at once, for each row, and in all. An ordinary row has 150.
SENT_BYTES = 64 * 1024**2
SENT_BYTES_PER_ROW = 16 * 1024
MOST_SENT_BYTES = 1024**3
#: Cells of all rows, blank ones as well.
MAX_CELLS = 100_000_000
