package moderation

// HarmlessCell is tested on its own.
var HarmlessCell = harmlessCell
