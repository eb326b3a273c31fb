package handlers_test

// reactionCases are the requests of readers besides writing, and those about aliases.
func reactionCases(s targets) map[string][]routeCase {
	shown, aliases := "/api/v1/comments/"+s.approved.Comment.ID, "/api/v1/sites/paper/articles/aliases"
	own := func(a accepted, c call, status int) routeCase {
		c.token, c.address = a.Receipt, s.address
		v := publicCase(c, status)
		v.own = true
		return v
	}
	return map[string][]routeCase{
		"PUT /api/v1/comments/:id/vote": {
			publicCase(call{path: shown + "/vote", address: s.address, body: fields{"value": 1}}, 200),
			publicCase(call{path: "/api/v1/comments/" + s.pending.Comment.ID + "/vote", address: s.address, body: fields{"value": -1}}, 404),
			own(s.approved, call{path: shown + "/vote", body: fields{"value": 1}}, 409),
		},
		"POST /api/v1/comments/:id/reports": {
			publicCase(call{path: shown + "/reports", address: s.address, body: fields{"reason": "personal", "note": "Seen by " + s.name}}, 201),
			publicCase(call{path: "/api/v1/comments/" + s.pending.Comment.ID + "/reports", address: s.address, body: fields{"reason": "spam"}}, 404),
		},
		"POST /api/v1/comments/:id/appeal": {own(s.declined, call{path: "/api/v1/comments/" + s.declined.Comment.ID + "/appeal",
			body: fields{"text": "Please look again."}}, 200)},
		"POST /api/v1/comments/:id/erasure":        {own(s.declined, call{path: "/api/v1/comments/" + s.declined.Comment.ID + "/erasure"}, 200)},
		"GET /api/v1/sites/:site/articles/aliases": {moderatorCase(call{path: aliases + "?limit=2"}, 200)},
		"POST /api/v1/sites/:site/articles/aliases": {adminCase(call{path: aliases,
			body: fields{"alias": "new-" + s.name, "article": "quay"}}, 201)},
		"DELETE /api/v1/sites/:site/articles/aliases": {adminCase(call{path: aliases + "?alias=was-" + s.name}, 204)},
	}
}
