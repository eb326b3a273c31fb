package handlers_test

import "strings"

// administrationVisits are the visits of the console's pages about accounts, sites, articles and the audit log.
func administrationVisits(s scene) map[string][]visit {
	// What somebody does about the own account is refused for a reason that only whoever is let in is told.
	own := func(path string, status int, fields ...string) visit {
		return visit{call: call{path: "/console/account" + path, header: asForm, wrong: true, body: form(fields...)}, nobody: 303,
			stranger: status, guest: status, desk: status, chief: status}
	}
	const nobodys = "/sessions/01957000-0000-7000-8000-00000000ffff/end"
	unknown := "/console/invitation/" + strings.Repeat("a", 43)
	return map[string][]visit{
		"GET /console/invitation/:secret": {everybody(call{path: unknown}, 404)},
		"POST /console/invitation/:secret": {everybody(call{path: unknown, header: asForm,
			body: form("name", "New", "password", deskPassword)}, 404)},
		"GET /console/account": {visit{call: call{path: "/console/account", wrong: true}, nobody: 303, stranger: 200, guest: 200, desk: 200, chief: 200}},
		"POST /console/account/password": {
			own("/password", 422, "current_password", deskPassword, "new_password", "short")},
		"POST /console/account/second-factor":         {own("/second-factor", 422, "password", "not it")},
		"POST /console/account/second-factor/confirm": {own("/second-factor/confirm", 409, "code", "000000")},
		"POST /console/account/second-factor/disable": {own("/second-factor/disable", 409, "password", deskPassword, "code", "000000")},
		"POST /console/account/sessions/end-others":   {own("/sessions/end-others", 303)},
		"POST /console/account/sessions/:id/end":      {own(nobodys, 303)},
	}
}
