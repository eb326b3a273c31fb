package handlers

import (
	"rejoinder/handlers/console"
	"rejoinder/handlers/hookconsole"
	"rejoinder/handlers/mailconsole"
	"rejoinder/handlers/page"
	"rejoinder/handlers/route"
	"rejoinder/notify"
)

// mailRoutes are the pages behind the links in mails, and the console and API about mail. Links may be signed, so
// the first ones are public.
func (s *Server) mailRoutes() []route.Route {
	return []route.Route{
		route.Get(notify.ConfirmPath+":token", route.Public, s.rateLimited(limitLookUps, s.notices.ShowConfirmation)),
		route.Post(notify.ConfirmPath+":token", route.Public, s.rateLimited(limitLookUps, s.notices.Confirm)),
		route.Get(notify.ManagePath+":token", route.Public, s.rateLimited(limitLookUps, s.notices.ShowNotifications)),
		route.Post(notify.ManagePath+":token", route.Public, s.rateLimited(limitLookUps, s.notices.ChangeNotifications)),
		route.Get(notify.PersonPath+":token", route.Public, s.rateLimited(limitLookUps, s.notices.ShowPerson)),
		route.Get(notify.PersonPath+":token/export", route.Public, s.rateLimited(limitLookUps, s.notices.ExportPerson), route.NoDeadline),
		route.Post(notify.PersonPath+":token/erase", route.Public, s.rateLimited(limitRemovals, s.notices.ErasePerson), route.NoDeadline),
		route.Post(page.FollowPath(":site"), route.Public, s.rateLimited(limitMails, s.notices.Follow), route.SiteCORS),
		route.Get(notify.FollowPath+":token", route.Public, s.rateLimited(limitLookUps, s.notices.ShowFollow)),
		route.Post(notify.FollowPath+":token", route.Public, s.rateLimited(limitLookUps, s.notices.ConfirmFollow)),
		route.Get(page.DataPath(":site"), route.Public, s.notices.ShowData),
		route.Post(page.DataPath(":site"), route.Public, s.rateLimited(limitMails, s.notices.SendData)),
		route.Get(notify.StopPath+":token", route.Public, s.rateLimited(limitLookUps, s.notices.ShowStop)),
		route.Post(notify.StopPath+":token", route.Public, s.notices.Stop),
		route.Get(notify.DecidePath+":token", route.Public, s.rateLimited(limitLookUps, s.notices.ShowDecision)),
		route.Post(notify.DecidePath+":token", route.Public, s.rateLimited(limitLookUps, s.notices.Decide)),
		route.Get(mailconsole.ForgottenPath, route.Public, s.mails.ShowForgotten),
		route.Post(mailconsole.ForgottenPath, route.Public, s.rateLimited(limitLinks, s.mails.SendLink)),
		route.Get(mailconsole.ChoicesPath, route.ConsoleSignedIn, s.mails.ShowChoices),
		route.Post(mailconsole.ChoicesPath, route.ConsoleSignedIn, s.mails.SaveChoices),
		route.Get(console.OutboxPath, route.ConsoleAdmin, s.mails.ShowOutbox),
		route.Post(console.OutboxPath+"/:id/resend", route.ConsoleAdmin, s.mails.Resend),
		route.Get(console.OutboxPath+"/:id/mail", route.ConsoleAdmin, s.mails.ShowMail),
		route.Get("/api/v1/me/notifications", route.SignedIn, s.mails.GetChoices),
		route.Put("/api/v1/me/notifications", route.SignedIn, s.mails.PutChoices),
		route.Get("/api/v1/outbox", route.Admin, s.mails.List),
		route.Post("/api/v1/outbox/:id/resend", route.Admin, s.mails.ResendMessage),
	}
}

// webhookAccess is who may manage webhooks with the API.
const webhookAccess = route.Admin

// webhookRoutes are the console and API about webhooks.
func (s *Server) webhookRoutes() []route.Route {
	const page, api = hookconsole.WebhookPath, hookconsole.APIWebhookPath
	return []route.Route{
		route.Get(hookconsole.ListPath, route.ConsoleAdmin, s.hooks.ShowList),
		route.Post(hookconsole.ListPath, route.ConsoleAdmin, s.hooks.Add),
		route.Get(page, route.ConsoleAdmin, s.hooks.Show),
		route.Post(page, route.ConsoleAdmin, s.hooks.Change),
		route.Post(page+"/secret", route.ConsoleAdmin, s.hooks.Rotate),
		route.Post(page+"/test", route.ConsoleAdmin, s.hooks.Test, route.NoDeadline),
		route.Post(page+"/pause", route.ConsoleAdmin, s.hooks.Pause),
		route.Post(page+"/resume", route.ConsoleAdmin, s.hooks.Resume),
		route.Post(page+"/remove", route.ConsoleAdmin, s.hooks.Remove),
		route.Post(page+"/resend", route.ConsoleAdmin, s.hooks.ResendFailed),
		route.Get(hookconsole.DeliveryPath, route.ConsoleAdmin, s.hooks.ShowDelivery),
		route.Post(hookconsole.DeliveryPath+"/resend", route.ConsoleAdmin, s.hooks.Resend),

		route.Get(hookconsole.APIListPath, webhookAccess, s.hooks.List, route.KeyHooks),
		route.Post(hookconsole.APIListPath, webhookAccess, s.hooks.Create, route.KeyHooks),
		route.Get(api, webhookAccess, s.hooks.Get, route.KeyHooks),
		route.Patch(api, webhookAccess, s.hooks.Update, route.KeyHooks),
		route.Delete(api, webhookAccess, s.hooks.Delete, route.KeyHooks),
		route.Post(api+"/secret", webhookAccess, s.hooks.RotateSecret, route.KeyHooks),
		route.Post(api+"/test", webhookAccess, s.hooks.TestWebhook, route.NoDeadline, route.KeyHooks),
		route.Post(api+"/pause", webhookAccess, s.hooks.PauseWebhook, route.KeyHooks),
		route.Post(api+"/resume", webhookAccess, s.hooks.ResumeWebhook, route.KeyHooks),
		route.Post(api+"/resend", webhookAccess, s.hooks.ResendAll, route.KeyHooks),
		route.Get(api+"/deliveries", webhookAccess, s.hooks.ListDeliveries, route.KeyHooks),
		route.Get(hookconsole.APIDeliveryPath, webhookAccess, s.hooks.GetDelivery, route.KeyHooks),
		route.Post(hookconsole.APIDeliveryPath+"/resend", webhookAccess, s.hooks.ResendDelivery, route.KeyHooks),
	}
}

// classifierRoutes are the console and API about classifiers outside of this program.
func (s *Server) classifierRoutes() []route.Route {
	const one = console.ClassifiersPath + "/:id"
	return []route.Route{
		route.Get("/api/v1/classifiers", route.Admin, s.classifiers.List),
		route.Post("/api/v1/classifiers", route.Admin, s.classifiers.Add),
		route.Get("/api/v1/classifiers/:id", route.Admin, s.classifiers.Get),
		route.Patch("/api/v1/classifiers/:id", route.Admin, s.classifiers.Patch),
		route.Delete("/api/v1/classifiers/:id", route.Admin, s.classifiers.Delete),
		route.Post("/api/v1/classifiers/:id/try", route.Admin, s.classifiers.Try),
		route.Post("/api/v1/classifiers/:id/repeat", route.Admin, s.classifiers.Repeat),
		route.Get(console.ClassifiersPath, route.ConsoleAdmin, s.classifiers.ShowList),
		route.Post(console.ClassifiersPath, route.ConsoleAdmin, s.classifiers.SubmitNew),
		route.Get(one, route.ConsoleAdmin, s.classifiers.Show),
		route.Post(one, route.ConsoleAdmin, s.classifiers.Submit),
		route.Post(one+"/try", route.ConsoleAdmin, s.classifiers.SubmitTrial),
		route.Post(one+"/repeat", route.ConsoleAdmin, s.classifiers.SubmitRepeat),
		route.Post(one+"/remove", route.ConsoleAdmin, s.classifiers.SubmitRemoval),
	}
}
