package handlers_test

// commentPageCases are the requests of pages about one comment. Those of its author have the receipt in the
// form.
func commentPageCases(s targets) map[string][]routeCase {
	pending, shown, declined := "/comments/"+s.pending.Comment.ID, "/comments/"+s.approved.Comment.ID, "/comments/"+s.declined.Comment.ID
	own := func(path string, a accepted, status int, fields ...string) routeCase {
		v := publicCase(call{path: path, header: asForm, address: s.address, body: form(append(fields, "receipt", a.Receipt)...)}, status)
		v.own = true
		return v
	}
	return map[string][]routeCase{
		"GET /comments/:id": {
			withText(publicCase(call{path: pending + "?receipt=" + s.pending.Receipt}, 200), "Waiting of "+s.name),
			publicCase(call{path: declined + "?lang=de&receipt=" + s.declined.Receipt}, 200),
			publicCase(call{path: pending + "?receipt=" + s.declined.Receipt}, 401),
		},
		"POST /comments/:id/edit": {
			own(pending+"/edit", s.pending, 303, "body", "Changed of "+s.name),
			own(pending+"/edit", s.pending, 200, "body", "Changed of "+s.name, "part", "1"),
			own(pending+"/edit", s.pending, 422, "body", " "),
			own(pending+"/edit", s.declined, 401, "body", "Mine now"),
		},
		"POST /comments/:id/withdraw": {own(pending+"/withdraw", s.pending, 303, "confirm", "yes"), own(pending+"/withdraw", s.pending, 200)},
		"POST /comments/:id/erase":    {own(declined+"/erase", s.declined, 303, "confirm", "yes"), own(declined+"/erase", s.pending, 401)},
		"POST /comments/:id/appeal": {
			own(declined+"/appeal", s.declined, 303, "text", "Please look again."),
			own(declined+"/appeal", s.declined, 422, "text", ""),
		},
		"GET /comments/:id/report": {
			withText(publicCase(call{path: shown + "/report"}, 200), "Shown of "+s.name),
			publicCase(call{path: pending + "/report"}, 404),
		},
		"POST /comments/:id/report": {
			publicCase(call{path: shown + "/report", header: asForm, address: s.address, body: form("reason", "spam", "note", "Seen by "+s.name)}, 201),
			publicCase(call{path: shown + "/report", header: asForm, address: s.address, wrong: true, body: form("note", "Seen by "+s.name)}, 422),
		},
		"POST /comments/:id/vote": {
			publicCase(call{path: shown + "/vote", header: asForm, address: s.address, body: form("value", "1")}, 303),
			publicCase(call{path: shown + "/vote", header: asForm, address: s.address, body: form("value", "-1", "part", "1")}, 200),
			publicCase(call{path: pending + "/vote", header: asForm, address: s.address, body: form("value", "1")}, 404),
		},
	}
}
