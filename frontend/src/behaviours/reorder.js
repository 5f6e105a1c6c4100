// reorder
