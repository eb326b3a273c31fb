package handlers_test

// classifierCases are the requests of the console and API about outside classifiers.
func classifierCases() map[string][]routeCase {
	const unknown = "/01957000-0000-7000-8000-00000000ffff"
	page := func(path string, guest, admin int) routeCase {
		return routeCase{call: call{path: path, wrong: true}, nobody: 303, otherModerator: 403, otherAdmin: guest, moderator: 403, admin: admin}
	}
	send := func(path, body string, guest, admin int) routeCase {
		return routeCase{call: call{path: path, header: asForm, body: body, wrong: true}, nobody: 303, otherModerator: 403,
			otherAdmin: guest, moderator: 403, admin: admin}
	}
	api := func(path string, body any, guest, admin int) routeCase {
		return routeCase{call: call{path: "/api/v1/classifiers" + path, body: body}, nobody: 401, otherModerator: 403, otherAdmin: guest,
			moderator: 403, admin: admin}
	}
	list := "/console/classifiers"
	return map[string][]routeCase{
		"GET /api/v1/classifiers":              {api("", nil, 200, 200)},
		"POST /api/v1/classifiers":             {api("", fields{"name": "Bad"}, 403, 422)},
		"GET /api/v1/classifiers/:id":          {api(unknown, nil, 404, 404)},
		"PATCH /api/v1/classifiers/:id":        {api(unknown, fields{"enabled": false}, 404, 404)},
		"DELETE /api/v1/classifiers/:id":       {api(unknown, nil, 403, 404)},
		"POST /api/v1/classifiers/:id/try":     {api(unknown+"/try", fields{"text": "Hello"}, 403, 404)},
		"POST /api/v1/classifiers/:id/repeat":  {api(unknown+"/repeat", nil, 403, 404)},
		"GET /console/classifiers":             {page(list, 200, 200)},
		"POST /console/classifiers":            {send(list, form("name", "Bad", "timeout_ms", "1", "concurrency", "1", "daily_budget", "0", "cache_minutes", "0"), 403, 422)},
		"GET /console/classifiers/:id":         {page(list+unknown, 404, 404)},
		"POST /console/classifiers/:id":        {send(list+unknown, form("enabled", "yes"), 404, 404)},
		"POST /console/classifiers/:id/try":    {send(list+unknown+"/try", form("text", "Hello"), 404, 404)},
		"POST /console/classifiers/:id/repeat": {send(list+unknown+"/repeat", "", 404, 404)},
		"POST /console/classifiers/:id/remove": {send(list+unknown+"/remove", "", 404, 404)},
	}
}
