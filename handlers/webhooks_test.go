package handlers_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rejoinder/moderation"
	"rejoinder/notify/webhook"
)

func TestAnApprovedCommentIsDeliveredWithASignature(t *testing.T) {
	eachHooked(t, func(h *hooked) {
		made := h.add([]webhook.EventType{webhook.CommentApproved})
		held := h.submit("Wait for a moderator, please: hold-me.")
		if got := h.deliver(); len(got) != 0 {
			t.Fatalf("before the approval: %s", got[0].body)
		}
		h.decide(held.Comment.ID, moderation.ActionApprove)
		all := h.deliver()
		if len(all) != 1 || !verified(t, all[0], made.Secret) {
			t.Fatalf("%d requests, %v", len(all), all)
		}
		p := payload(t, all[0])
		if p.Type != "comment.approved" || p.Data.Comment.ID != held.Comment.ID || p.Data.Comment.Status != "approved" ||
			p.Data.Decision.From != "pending" || p.Data.Decision.Actor != "moderator" {
			t.Errorf("the payload is %s", all[0].body)
		}
		log := h.deliveries(made.ID)
		if len(log) != 1 || log[0].State != "sent" || log[0].ID != all[0].header.Get("Webhook-Id") {
			t.Fatalf("the log is %+v", log)
		}
		d := h.delivery(made.ID, log[0].ID)
		if len(d.Requests) != 1 || d.Requests[0].Status != 204 || d.Requests[0].RequestBody != string(all[0].body) {
			t.Errorf("the delivery is %+v", d)
		}
		if diff := cmp.Diff([]string{}, types(t, h.deliver())); diff != "" {
			t.Errorf("sent again: %s", diff)
		}
	})
}
