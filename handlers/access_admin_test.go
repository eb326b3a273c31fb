package handlers_test

import "strings"

// administrationCases are the requests of the console's pages about accounts, sites, articles and the audit
// log.
func administrationCases(s targets) map[string][]routeCase {
	// Changes of one's own account are refused for a reason that only callers with access are told.
	own := func(path string, status int, fields ...string) routeCase {
		return routeCase{call: call{path: "/console/account" + path, header: asForm, wrong: true, body: form(fields...)}, nobody: 303,
			otherModerator: status, otherAdmin: status, moderator: status, admin: status}
	}
	const nobodys = "/sessions/01957000-0000-7000-8000-00000000ffff/end"
	unknown := "/console/invitation/" + strings.Repeat("a", 43)
	all := map[string][]routeCase{
		"GET /console/invitation/:secret": {publicCase(call{path: unknown}, 404)},
		"POST /console/invitation/:secret": {publicCase(call{path: unknown, header: asForm,
			body: form("name", "New", "password", moderatorPassword)}, 404)},
		"GET /console/setup/:secret": {publicCase(call{path: "/console/setup/" + strings.Repeat("a", 43)}, 404)},
		"POST /console/setup/:secret": {publicCase(call{path: "/console/setup/" + strings.Repeat("a", 43), header: asForm,
			body: form("email", "new@desk.example", "name", "New", "password", moderatorPassword)}, 404)},
		"GET /console/account":           {routeCase{call: call{path: "/console/account", wrong: true}, nobody: 303, otherModerator: 200, otherAdmin: 200, moderator: 200, admin: 200}},
		"POST /console/account/language": {own("/language", 303, "language", "de")},
		"POST /console/account/email":    {own("/email", 422, "email", "nowhere", "password", moderatorPassword)},
		"POST /console/account/password": {
			own("/password", 422, "current_password", moderatorPassword, "new_password", "short")},
		"POST /console/account/second-factor":         {own("/second-factor", 422, "password", "not it")},
		"POST /console/account/second-factor/confirm": {own("/second-factor/confirm", 409, "code", "000000")},
		"POST /console/account/second-factor/disable": {own("/second-factor/disable", 409, "password", moderatorPassword, "code", "000000")},
		"POST /console/account/sessions/end-others":   {own("/sessions/end-others", 303)},
		"POST /console/account/sessions/:id/end":      {own(nobodys, 303)},
	}
	for route, list := range adminPageCases(s) {
		all[route] = list
	}
	return all
}

// adminPageCases are the requests of the console's administration, which only admins may see.
func adminPageCases(s targets) map[string][]routeCase {
	page := func(path string, guest int) routeCase {
		return routeCase{call: call{path: path, wrong: true}, nobody: 303, otherModerator: 403, otherAdmin: guest, moderator: 403, admin: 200}
	}
	sends := func(path string, guest, admin int, fields ...string) routeCase {
		return routeCase{call: call{path: path, header: asForm, wrong: true, body: form(fields...)}, nobody: 303,
			otherModerator: 403, otherAdmin: guest, moderator: 403, admin: admin}
	}
	// acts are the actions that moderators of the site may take, too.
	acts := func(path string, fields ...string) routeCase {
		return routeCase{call: call{path: path, header: asForm, wrong: true, body: form(fields...)}, nobody: 303,
			otherModerator: 404, otherAdmin: 404, moderator: 303, admin: 303}
	}
	const one, quay = "/console/articles/one", "?site=paper&article=quay"
	colleague := "/console/moderators/" + s.colleague
	return map[string][]routeCase{
		"GET /console/moderators": {page("/console/moderators", 200)},
		"POST /console/moderators": {sends("/console/moderators", 422, 303, "email", "in-"+s.name+"@desk.example", "name", "New",
			"role", "moderator", "scope", "some", "sites", "paper")},
		"GET /console/moderators/:id": {page(colleague, 404)},
		"POST /console/moderators/:id": {sends(colleague, 404, 303, "name", "Renamed", "role", "moderator", "scope", "some", "sites", "paper"),
			sends(colleague, 404, 422, "name", "", "role", "moderator", "sites", "lake")},
		"POST /console/moderators/:id/link":                  {sends(colleague+"/link", 404, 303)},
		"POST /console/moderators/:id/link/revoke":           {sends(colleague+"/link/revoke", 404, 303)},
		"POST /console/moderators/:id/second-factor/reset":   {sends(colleague+"/second-factor/reset", 404, 303)},
		"GET /console/sites":                                 {page("/console/sites", 200)},
		"POST /console/sites":                                {sends("/console/sites", 403, 303, "slug", "in-"+s.name, "name", "New", "locale", "en")},
		"GET /console/sites/:site":                           {page("/console/sites/paper", 404)},
		"POST /console/sites/:site":                          {sends("/console/sites/paper", 404, 422, "name", "The Harbour Gazette")},
		"POST /console/sites/:site/remove-demo":              {sends("/console/sites/paper/remove-demo", 404, 403)}, // it is no demo
		"POST /console/sites/:site/moderation":               {sends("/console/sites/paper/moderation", 404, 422, "mode", "sometimes")},
		"POST /console/sites/:site/remove":                   {sends("/console/sites/paper/remove", 404, 422, "confirm", "lake")},
		"GET /console/sites/:site/checks":                    {page("/console/sites/paper/checks?since=1&back=x", 404)},
		"POST /console/sites/:site/origins":                  {sends("/console/sites/paper/origins", 404, 303, "origin", "https://harbour.example")},
		"GET /console/setup":                                 {page("/console/setup", 200), page("/console/setup?site=paper&step=mode&since=1", 404)},
		"POST /console/setup":                                {sends("/console/setup", 403, 303, "name", "In "+s.name, "origin", "in.example", "locale", "en")},
		"POST /console/setup/mode":                           {sends("/console/setup/mode?site=paper", 404, 422, "mode", "sometimes")},
		"GET /console/sites/:site/replies":                   {page("/console/sites/paper/replies", 404)},
		"POST /console/sites/:site/replies":                  {sends("/console/sites/paper/replies", 404, 422, "name-0", "No text")},
		"GET /console/sites/:site/identity":                  {page("/console/sites/paper/identity", 404)},
		"POST /console/sites/:site/identity":                 {sends("/console/sites/paper/identity", 404, 422, "identity", "maybe")},
		"POST /console/sites/:site/identity/keys":            {sends("/console/sites/paper/identity/keys", 404, 422, "kind", "secret")},
		"POST /console/sites/:site/identity/keys/:id/remove": {sends("/console/sites/paper/identity/keys/"+s.block+"/remove", 404, 404)},
		"POST /console/sites/:site/identity/check":           {sends("/console/sites/paper/identity/check", 404, 200, "token", "e30.e30.")},
		"GET /console/sites/:site/reasons":                   {page("/console/sites/paper/reasons", 404)},
		"POST /console/sites/:site/reasons":                  {sends("/console/sites/paper/reasons", 404, 422, "code-0", "No code")},
		"GET /console/sites/:site/person":                    {page("/console/sites/paper/person", 404)},
		"POST /console/sites/:site/person":                   {sends("/console/sites/paper/person", 404, 422, "email", "nonsense")},
		"GET /console/sites/:site/export":                    {page("/console/sites/paper/export", 404)},
		"GET /console/sites/:site/retention":                 {page("/console/sites/paper/retention", 404)},
		"POST /console/sites/:site/retention":                {sends("/console/sites/paper/retention", 404, 422, "declined_days", "soon")},
		"GET /console/sites/:site/imports":                   {page("/console/sites/paper/imports", 404)},
		"POST /console/sites/:site/imports": {routeCase{call: call{path: "/console/sites/paper/imports", wrong: true,
			header: map[string]string{"Content-Type": "multipart/form-data; boundary=x"},
			body:   "--x\r\nContent-Disposition: form-data; name=\"mode\"\r\n\r\nhold\r\n--x--\r\n"}, nobody: 303,
			otherModerator: 403, otherAdmin: 404, moderator: 403, admin: 422}},
		"POST /console/sites/:site/imports/checked/:id":         {sends("/console/sites/paper/imports/checked/x", 404, 404)},
		"POST /console/sites/:site/imports/checked/:id/columns": {sends("/console/sites/paper/imports/checked/x/columns", 404, 404)},
		"POST /console/sites/:site/imports/checked/:id/discard": {sends("/console/sites/paper/imports/checked/x/discard", 404, 404)},
		"POST /console/sites/:site/imports/:id/undo":            {sends("/console/sites/paper/imports/"+s.pending.Comment.ID+"/undo", 404, 404)},
		"GET /console/keys": {page("/console/keys", 200)},
		"POST /console/keys": {sends("/console/keys", 422, 303, "name", "cms", "scopes", "articles", "scope", "some", "sites", "paper",
			"expires", "30", "per_minute", "60")},
		"GET /console/keys/:id":         {page("/console/keys/"+s.key, 404)},
		"POST /console/keys/:id/rotate": {sends("/console/keys/"+s.key+"/rotate", 404, 303, "overlap", "60")},
		"POST /console/keys/:id/revoke": {sends("/console/keys/"+s.key+"/revoke", 404, 303)},
		"GET /console/articles": {routeCase{call: call{path: "/console/articles", wrong: true}, nobody: 303, otherModerator: 200, otherAdmin: 200, moderator: 200, admin: 200},
			routeCase{call: call{path: "/console/articles?site=paper&q=qu%25", wrong: true}, nobody: 303, otherModerator: 404, otherAdmin: 404, moderator: 200, admin: 200}},
		"POST /console/articles/closing":            {acts("/console/articles/closing", "site", "paper", "article", "quay")},
		"POST /console/articles/mode":               {acts("/console/articles/mode", "site", "paper", "article", "quay", "mode", "hold_first")},
		"GET /console/articles/one":                 {page(one+quay, 404)},
		"POST /console/articles/one":                {sends(one+quay, 404, 422, "title", "The quay", "published_at", "never")},
		"GET /console/articles/one/hours":           {page(one+"/hours"+quay, 404)},
		"POST /console/articles/one/hours":          {sends(one+"/hours"+quay, 404, 422, "mon.0.from", "08:00")},
		"GET /console/sites/:site/hours":            {page("/console/sites/paper/hours", 404)},
		"POST /console/sites/:site/hours":           {sends("/console/sites/paper/hours", 404, 422, "time_zone", "Mars/Base")},
		"POST /console/articles/one/aliases":        {sends(one+"/aliases"+quay, 404, 303, "alias", "in-"+s.name)},
		"POST /console/articles/one/aliases/remove": {sends(one+"/aliases/remove"+quay+"&alias=was-"+s.name, 404, 303)},
		"GET /console/audit": {page("/console/audit", 200), page("/console/audit?in=paper&from=2026-01-01&to=2026-12-31&action=sign_in", 404),
			page("/console/audit?from=never&moderator="+s.colleague, 200)},
	}
}
