package handlers_test

// mailCases are the requests of the pages behind links in mails, and of the console and API about mail.
func mailCases(targets) map[string][]routeCase {
	const unknown = "/01957000-0000-7000-8000-00000000ffff"
	page := func(path string, status int) routeCase {
		return routeCase{call: call{path: path, wrong: true}, nobody: 303, otherModerator: 403, otherAdmin: status, moderator: 403, admin: status}
	}
	own := func(c call, nobody, status int) routeCase {
		return routeCase{call: c, nobody: nobody, otherModerator: status, otherAdmin: status, moderator: status, admin: status}
	}
	choices := fields{"urgent": false, "urgent_risk": 0, "urgent_rules": []string{}, "urgent_in_quiet_hours": true,
		"digest": "daily", "digest_hour": 8, "weekends": true, "quiet_from": 0, "quiet_until": 0,
		"sites": []string{}}
	all := map[string][]routeCase{
		"GET /console/forgotten-password": {publicCase(call{path: "/console/forgotten-password"}, 200)},
		"POST /console/forgotten-password": {publicCase(call{path: "/console/forgotten-password", header: asForm,
			body: form("email", "nobody@desk.example")}, 303)},
		"GET /console/notifications": {own(call{path: "/console/notifications", wrong: true}, 303, 200)},
		"POST /console/notifications": {own(call{path: "/console/notifications", header: asForm, wrong: true,
			body: form("digest", "yearly")}, 303, 422)},
		"GET /console/outbox": {page("/console/outbox", 200), page("/console/outbox?state=failed", 200)},
		"POST /console/outbox/:id/resend": {routeCase{call: call{path: "/console/outbox" + unknown + "/resend",
			header: asForm, body: "", wrong: true},
			nobody: 303, otherModerator: 403, otherAdmin: 404, moderator: 403, admin: 404}},
		"GET /console/outbox/:id/mail": {page("/console/outbox"+unknown+"/mail", 404)},
		"GET /api/v1/me/notifications": {own(call{path: "/api/v1/me/notifications"}, 401, 200)},
		"PUT /api/v1/me/notifications": {own(call{path: "/api/v1/me/notifications", body: choices}, 401, 200)},
		"GET /api/v1/outbox": {routeCase{call: call{path: "/api/v1/outbox?state=failed"}, nobody: 401,
			otherModerator: 403, otherAdmin: 200, moderator: 403, admin: 200}},
		"POST /api/v1/outbox/:id/resend": {routeCase{call: call{path: "/api/v1/outbox" + unknown + "/resend"},
			nobody: 401, otherModerator: 403,
			otherAdmin: 404, moderator: 403, admin: 404}},
	}
	all["GET /mail/comments/:token"] = []routeCase{publicCase(call{path: "/mail/comments/made-up"}, 404)}
	all["GET /mail/comments/:token/export"] = []routeCase{publicCase(call{path: "/mail/comments/made-up/export"}, 404)}
	all["POST /mail/comments/:token/erase"] = []routeCase{publicCase(call{path: "/mail/comments/made-up/erase", header: asForm,
		body: form("confirm", "yes")}, 404)}
	all["POST /sites/:site/follow"] = []routeCase{publicCase(call{path: "/sites/paper/follow", header: asForm,
		body: form("article", "quay", "email", "ines@mail.example")}, 404)}
	all["GET /sites/:site/data"] = []routeCase{publicCase(call{path: "/sites/paper/data"}, 404)}
	all["POST /sites/:site/data"] = []routeCase{publicCase(call{path: "/sites/paper/data", header: asForm,
		body: form("email", "ines@mail.example")}, 404)}
	for _, path := range []string{"confirm", "notifications", "stop", "decide", "follow"} {
		all["GET /mail/"+path+"/:token"] = []routeCase{publicCase(call{path: "/mail/" + path + "/made-up"}, 404)}
		all["POST /mail/"+path+"/:token"] = []routeCase{publicCase(call{path: "/mail/" + path + "/made-up", header: asForm,
			body: form("act", "save")}, 404)}
	}
	return all
}
