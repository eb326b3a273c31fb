package rules

import "testing"

func TestAModeIsSwitchedAndTheRestStaysAsItIsWritten(t *testing.T) {
	for name, tc := range map[string]struct{ before, after string }{
		"a rule without a mode": {
			"# Ours.\nrules:\n  - id: shop # soon\n    when: links.count > 2\n    then: hold\n    reason: Links.\n",
			"# Ours.\nrules:\n  - id: shop\n    mode: shadow # soon\n    when: links.count > 2\n    then: hold\n    reason: Links.\n"},
		"a rule with a mode": {
			"rules:\n  - reason: Links.\n    mode: enforce # now\n    id: \"shop\"\n    when: links.count > 2\n    then: hold\n",
			"rules:\n  - reason: Links.\n    mode: shadow # now\n    id: \"shop\"\n    when: links.count > 2\n    then: hold\n"},
		"a rule on one line": {
			"rules:\n  - {reason: Söße, id: 'shop', when: links.count > 2, then: hold}\n",
			"rules:\n  - {reason: Söße, id: 'shop', mode: shadow, when: links.count > 2, then: hold}\n"},
		"a mode in quotes": {"rules: [{id: shop, mode: \"off\"}]", "rules: [{id: shop, mode: shadow}]"},
		"a rule of the base": {
			"extends: default\nrules:\n# First.\n- id: other\n  mode: off\n",
			"extends: default\nrules:\n# First.\n- {id: shop, mode: shadow}\n- id: other\n  mode: off\n"},
		"a base alone":                {"extends: default", "extends: default\nrules:\n  - {id: shop, mode: shadow}\n"},
		"an empty list":               {"extends: default\nrules: []\n", "extends: default\nrules: [{id: shop, mode: shadow}]\n"},
		"a list on one line":          {"rules: [{id: other}]\n", "rules: [{id: shop, mode: shadow}, {id: other}]\n"},
		"lines that end in CR and LF": {"rules:\r\n  - id: shop\r\n    then: hold\r\n", "rules:\r\n  - id: shop\n    mode: shadow\r\n    then: hold\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := SwitchMode(t.Context(), []byte(tc.before), "shop", Shadow)
			if !ok || string(got) != tc.after {
				t.Errorf("%v\n%s\nwant\n%s", ok, got, tc.after)
			}
		})
	}
	for name, tc := range map[string]struct {
		source string
		mode   Mode
	}{
		"no mode":             {"rules: [{id: shop}]", "loud"},
		"no document":         {"rules: [", Off},
		"rules that are none": {"rules: 3\n", Off},
		"an empty document":   {"", Off},
	} {
		t.Run("not with "+name, func(t *testing.T) {
			if got, ok := SwitchMode(t.Context(), []byte(tc.source), "shop", tc.mode); ok {
				t.Errorf("%s", got)
			}
		})
	}
}
