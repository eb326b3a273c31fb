// Package external asks classifiers outside of this program about submissions, and tells them what moderators
// decided.
//
// A classifier that is late or down delays a submission by its time limit at most: the submission is judged
// without it, and the fact external.NAME.available is false. Asker sends the requests (ask.go), each behind a time
// limit, a concurrency limit, a circuit breaker, a cache and a daily budget (line.go). Worker repeats the
// calls that held submissions wait for, and sends feedback; both wait in storage, so that nothing is lost.
// Admin manages classifiers.
//
// Each protocol has a file: signed.go (Rejoinder's own), akismet.go, openai.go and perspective.go.
//
// It contains the requests, their limits, and the use cases of admins. Facts are defined in moderation/rules;
// held submissions are judged again in moderation/rulebook. Start with classifier.go.
package external
