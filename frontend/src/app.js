// The behaviours of every page. Each attaches itself to a data- attribute and survives swapped content.
import "htmx.org";

import "./behaviours/bulk.js";
import "./behaviours/cells.js";
import "./behaviours/charts.js";
import "./behaviours/columns.js";
import "./behaviours/dialogs.js";
import "./behaviours/drop.js";
import "./behaviours/editing.js";
import "./behaviours/keep-open.js";
import "./behaviours/keyboard.js";
import "./behaviours/points.js";
import "./behaviours/refusals.js";
import "./behaviours/reorder.js";
import "./behaviours/submit.js";
import "./behaviours/theme.js";
