package main

import (
	"context"
	"crypto/rand"
	"time"

	"rejoinder/notify"
	"rejoinder/notify/mail"
	"rejoinder/notify/webhook"
	"rejoinder/outbound"
)

// webhooksAtOnce is the number of webhooks that a server sends to at the same time.
const webhooksAtOnce = 16

// webhooks wires the use cases of webhooks.
func (a *app) webhooks(publicURL string) *webhook.Hooks {
	sender := a.webhookSender(publicURL)
	return &webhook.Hooks{Store: a.db.ForWebhooks(), Keys: a.keys, Client: sender.Client, Sender: sender, Now: time.Now,
		NewID: newID, Random: rand.Reader}
}

func (a *app) webhookSender(publicURL string) *webhook.Sender {
	limits := outbound.Limits{Timeout: webhook.RequestTimeout, Response: webhook.MaxResponse}
	return &webhook.Sender{
		Composer: &webhook.Composer{Store: a.db.ForWebhooks(), Keys: a.keys, PublicURL: publicURL},
		Client:   outbound.New(limits, a.config.OutboundNetworks), Keys: a.keys, Now: time.Now, NewID: newID,
	}
}

// outboxWorkers wires what turns events into messages and sends them. Without a transport no mail is sent.
func (a *app) outboxWorkers(publicURL string, transport mail.Transport, metrics *metrics) []func(context.Context) {
	store := a.db.ForWebhooks()
	hooks := &webhook.Worker{
		Store: store, Sender: a.webhookSender(publicURL), Parallel: webhooksAtOnce, Observe: metrics.webhook,
		Log: metrics.worker(a.log, "webhooks"), Now: time.Now, NewID: newID, Random: randomFraction,
	}
	dispatcher := &notify.Dispatcher{
		Store:    a.db.ForNotifications(),
		Planners: []notify.EventPlanner{&webhook.Planner{Store: store, Now: time.Now, NewID: newID}},
		Log:      metrics.worker(a.log, "outbox"), Now: time.Now,
	}
	workers := []func(context.Context){hooks.Run, dispatcher.Run}
	if transport == nil {
		return workers
	}
	dispatcher.Planners = append(dispatcher.Planners, &notify.Planner{Store: a.db.ForNotifications(), Now: time.Now,
		NewID: newID, UndoTime: undoTime})
	return append(workers, a.mailWorker(publicURL, transport, metrics).Run)
}
