// The behaviors of every page. Each attaches itself to a data- attribute and survives swapped content.
import "htmx.org";

import "./behaviors/bulk.js";
import "./behaviors/cells.js";
import "./behaviors/charts.js";
import "./behaviors/columns.js";
import "./behaviors/dialogs.js";
import "./behaviors/drop.js";
import "./behaviors/editing.js";
import "./behaviors/keep-open.js";
import "./behaviors/keyboard.js";
import "./behaviors/points.js";
import "./behaviors/refusals.js";
import "./behaviors/reorder.js";
import "./behaviors/submit.js";
import "./behaviors/theme.js";
