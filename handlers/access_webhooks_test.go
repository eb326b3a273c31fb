package handlers_test

import (
	"rejoinder/moderation"
	"rejoinder/notify"
	"rejoinder/notify/webhook"
)

// someWebhook returns a webhook of the site paper, whose server cannot be reached, and a failed delivery to
// it. It creates them if they do not exist.
func (h *testServer) someWebhook() (id, delivery string) {
	h.t.Helper()
	ctx, viewer := h.t.Context(), moderation.Viewer{}
	_, list, err := h.Webhooks.List(ctx, viewer, "paper")
	if err != nil {
		h.t.Fatal(err)
	}
	if len(list) == 0 {
		w, _, err := h.Webhooks.Add(ctx, viewer, "paper", webhook.NewWebhook{Name: "Nobody", Type: webhook.Standard,
			URL: "http://127.0.0.1:1/hook", Events: []webhook.EventType{webhook.RulesetActivated}})
		if err != nil {
			h.t.Fatal(err)
		}
		list = append(list, w)
	}
	of := webhook.Ref{Site: "paper", ID: list[0].ID}
	if list[0].State == webhook.Paused {
		must(h.Webhooks.Resume(ctx, viewer, of))(h.t)
	}
	failed := must(h.Webhooks.Deliveries(ctx, viewer, of, webhook.DeliveryQuery{State: notify.StateFailed, Limit: 1}))(h.t)
	if len(failed.Items) > 0 {
		return of.ID, failed.Items[0].ID
	}
	return of.ID, must(h.Webhooks.Test(ctx, viewer, of))(h.t).ID
}

// webhookCases are the requests of the console and API about webhooks.
func webhookCases(s targets) map[string][]routeCase {
	page := func(path string) routeCase {
		return routeCase{call: call{path: path, wrong: true}, nobody: 303, otherModerator: 403, otherAdmin: 404, moderator: 403, admin: 200}
	}
	sends := func(path string, admin int, values ...string) routeCase {
		return routeCase{call: call{path: path, header: asForm, wrong: true, body: form(values...)}, nobody: 303, otherModerator: 403,
			otherAdmin: 404, moderator: 403, admin: admin}
	}
	const pages, api = "/console/sites/:site/webhooks", "/api/v1/sites/:site/webhooks"
	one, other := "/console/sites/paper/webhooks/"+s.hook, paperWebhooks+"/"+s.hook
	delivery := "/deliveries/" + s.delivery
	all := map[string][]routeCase{
		"GET " + pages: {page("/console/sites/paper/webhooks")},
		"POST " + pages: {sends("/console/sites/paper/webhooks", 422, "type", "standard", "name", "New", "depth", "0"),
			sends("/console/sites/paper/webhooks", 422, "type", "standard", "name", "New", "depth", "many")},
		"GET " + pages + "/:id":                              {page(one), page(one + "?state=failed")},
		"POST " + pages + "/:id":                             {sends(one, 303, "name", "Renamed", "events", "queue.depth", "depth", "5")},
		"GET " + pages + "/:id/deliveries/:delivery":         {page(one + delivery)},
		"POST " + pages + "/:id/deliveries/:delivery/resend": {sends(one+delivery+"/resend", 303)},

		"GET " + api:                                       {adminCase(call{path: paperWebhooks}, 200)},
		"POST " + api:                                      {adminCase(call{path: paperWebhooks, body: fields{"name": "N", "type": "slack", "url": "", "events": []string{}}}, 422)},
		"GET " + api + "/:id":                              {adminCase(call{path: other}, 200)},
		"PATCH " + api + "/:id":                            {adminCase(call{path: other, body: fields{"name": "Renamed"}}, 200)},
		"DELETE " + api + "/:id":                           {adminCase(call{path: other}, 204)},
		"GET " + api + "/:id/deliveries":                   {adminCase(call{path: other + "/deliveries"}, 200)},
		"GET " + api + "/:id/deliveries/:delivery":         {adminCase(call{path: other + delivery}, 200)},
		"POST " + api + "/:id/deliveries/:delivery/resend": {adminCase(call{path: other + delivery + "/resend"}, 204)},
	}
	for _, act := range []string{"secret", "test", "pause", "resume", "resend"} {
		all["POST "+pages+"/:id/"+act] = []routeCase{sends(one+"/"+act, 303)}
		all["POST "+api+"/:id/"+act] = []routeCase{adminCase(call{path: other + "/" + act}, 200)}
	}
	all["POST "+pages+"/:id/remove"] = []routeCase{sends(one+"/remove", 303)}
	return all
}
