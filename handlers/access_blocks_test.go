package handlers_test

// blockCases are the requests about blocks and notes.
func blockCases(s targets) map[string][]routeCase {
	blocks, comment := "/api/v1/sites/paper/blocks", "/api/v1/comments/"+s.pending.Comment.ID
	page, moderator := "/console/sites/paper/blocks", "/console/comments/"+s.pending.Comment.ID
	terms := []string{"action", "reject", "minutes", "60", "note", "Known."}
	console := func(c call, status int) routeCase {
		c.wrong = true
		if c.body != nil {
			c.header = asForm
		}
		return routeCase{call: c, nobody: 303, otherModerator: 404, otherAdmin: 404, moderator: status, admin: status}
	}
	return map[string][]routeCase{
		"GET /console/blocks":             {{call: call{path: "/console/blocks", wrong: true}, nobody: 303, otherModerator: 303, otherAdmin: 303, moderator: 303, admin: 303, writer: 403}},
		"GET /console/sites/:site/blocks": {console(call{path: page}, 200)},
		"POST /console/sites/:site/blocks": {
			console(call{path: page, body: form(append(terms, "what", "name", "value", "Other pest of "+s.name)...)}, 303),
			console(call{path: page, body: form(append(terms, "what", "host", "value", "com")...)}, 422)},
		"POST /console/sites/:site/blocks/:id/remove": {console(call{path: page + "/" + s.block + "/remove", body: form()}, 303)},
		"POST /console/comments/:id/blocks": {
			console(call{path: moderator + "/blocks", body: form(append(terms, "what", "host:"+"link-"+s.name+".example")...)}, 303),
			console(call{path: moderator + "/blocks", body: form(append(terms, "what", "person:")...)}, 422)},
		"POST /console/comments/:id/highlight": {
			console(call{path: "/console/comments/" + s.approved.Comment.ID + "/highlight", body: form("pinned", "true")}, 303),
			console(call{path: moderator + "/highlight", body: form("featured", "true")}, 409)},
		"POST /console/comments/:id/notes": {console(call{path: moderator + "/notes", body: form("body", "Seen.", "about", "comment")}, 303),
			console(call{path: moderator + "/notes", body: form("body", " ")}, 422)},
		"GET /api/v1/sites/:site/blocks": {moderatorCase(call{path: blocks + "?limit=3"}, 200)},
		"POST /api/v1/sites/:site/blocks": {
			moderatorCase(call{path: blocks, body: fields{"kind": "email", "value": "pest-" + s.name + "@mail.example", "action": "spam",
				"minutes": 60, "note": "Known."}}, 201),
			{call: call{path: blocks, body: fields{"kind": "host", "value": "com"}}, nobody: 401, otherModerator: 404, otherAdmin: 404, moderator: 422, admin: 422},
		},
		"PATCH /api/v1/sites/:site/blocks/:id":  {moderatorCase(call{path: blocks + "/" + s.block, body: fields{"action": "reject", "minutes": 0}}, 200)},
		"DELETE /api/v1/sites/:site/blocks/:id": {moderatorCase(call{path: blocks + "/" + s.block}, 204)},
		"POST /api/v1/comments/:id/blocks": {
			moderatorCase(call{path: comment + "/blocks", body: fields{"kind": "host", "value": "shop-" + s.name + ".example", "minutes": 60}}, 201),
			// All scenes have the same writer, whom the moderator has blocked before the admin tries.
			{call: call{path: comment + "/blocks", body: fields{"kind": "email", "action": "hold"}}, nobody: 401, otherModerator: 404, otherAdmin: 404,
				moderator: 201, admin: 409},
		},
		"POST /api/v1/comments/:id/notes": {
			moderatorCase(call{path: comment + "/notes", body: fields{"body": "Seen " + s.name + " before.", "about": "commenter"}}, 201)},
	}
}
