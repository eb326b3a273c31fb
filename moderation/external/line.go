package external

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"rejoinder/outbound"
)

// Outcomes of calls, as metrics name them.
const (
	OutcomeAnswered = "answered"
	OutcomeLate     = "late"
	OutcomeFailed   = "failed"
	OutcomeSkipped  = "skipped"
	OutcomeCached   = "cached"
)

// Reasons why no call is sent.
var (
	errPaused = errors.New("the classifier failed several times; calls are paused")
	errBudget = errors.New("the budget of the day is used up")
	errFull   = errors.New("too many calls at once")
)

const (
	// cachedAnswers is the maximum number of answers that a node keeps of one classifier.
	cachedAnswers = 10_000
	// patience is the time limit of calls for which no submission waits.
	patience = 10 * time.Second
)

// sender sends requests; outbound.Client implements it.
type sender interface {
	Do(ctx context.Context, r *http.Request) (outbound.Response, error)
}

// line is a classifier as it is set up now, with the limits of its calls. Only breaker and tally outlive a
// change of its settings.
type line struct {
	Classifier
	secret   string
	fault    error // why it cannot be called at all
	protocol protocol
	asker    *Asker
	slots    chan struct{}
	cache    *lru.Cache[[sha256.Size]byte, cachedAnswer]
	breaker  *breaker
	tally    *tally
}

type cachedAnswer struct {
	Answer
	until time.Time
}

func newLine(a *Asker, c Classifier, before *line) *line {
	cache, err := lru.New[[sha256.Size]byte, cachedAnswer](cachedAnswers)
	if err != nil {
		panic("the size of the cache is positive: " + err.Error())
	}
	l := &line{Classifier: c, protocol: protocols[c.Protocol], asker: a, slots: make(chan struct{}, max(c.Concurrency, 1)),
		cache: cache, breaker: &breaker{}, tally: &tally{}}
	if before != nil {
		l.tally = before.tally
	}
	if l.secret, l.fault = a.secretOf(c); l.protocol == nil {
		l.fault = fmt.Errorf("the protocol %q is not known", c.Protocol)
	}
	return l
}

// ask asks within the classifier's time limit, for a submission that waits. An open breaker lets one call
// through in the background, so that no submission waits for a server that is down.
func (l *line) ask(ctx context.Context, d Document) (Answer, error) {
	if l.fault != nil {
		return Answer{}, l.skip(l.fault)
	}
	body := l.protocol.body(l.Classifier, l.secret, d.only(l.Sends))
	if answer, ok := l.cached(body); ok {
		l.note(OutcomeCached, Day{Cached: 1}, 0)
		return answer, nil
	}
	switch l.breaker.admit(l.asker.Now()) {
	case refused:
		return Answer{}, l.skip(errPaused)
	case admitProbe:
		l.asker.probes.Go(func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.Timeout())
			defer cancel()
			_, _ = l.send(ctx, body) // the result goes to the breaker and the cache
		})
		return Answer{}, l.skip(errPaused)
	}
	ctx, cancel := context.WithTimeout(ctx, l.Timeout())
	defer cancel()
	return l.send(ctx, body)
}

// askPatiently asks for a comment that is held until the answer comes.
func (l *line) askPatiently(ctx context.Context, d Document) (Answer, error) {
	if l.fault != nil {
		return Answer{}, l.fault
	}
	body := l.protocol.body(l.Classifier, l.secret, d.only(l.Sends))
	if answer, ok := l.cached(body); ok {
		return answer, nil
	}
	if l.breaker.admit(l.asker.Now()) == refused {
		return Answer{}, errPaused
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return l.send(ctx, body)
}

func (l *line) cached(body []byte) (Answer, bool) {
	known, ok := l.cache.Get(sha256.Sum256(body))
	return known.Answer, ok && l.asker.Now().Before(known.until)
}

// send sends a request and counts its outcome. A call that ends because the client left says nothing about
// the server.
func (l *line) send(ctx context.Context, body []byte) (Answer, error) {
	select {
	case l.slots <- struct{}{}:
		defer func() { <-l.slots }()
	case <-ctx.Done():
		l.breaker.abandon()
		return Answer{}, l.skip(errFull)
	}
	began := l.asker.Now()
	if !l.tally.take(began, l.DailyBudget) {
		l.breaker.abandon()
		return Answer{}, l.skip(errBudget)
	}
	answer, err := l.exchange(ctx, body, began)
	now := l.asker.Now()
	took := now.Sub(began)
	switch {
	case err == nil:
		l.breaker.succeed()
		l.tally.setReason("")
		l.note(OutcomeAnswered, Day{Answered: 1, Took: took, Longest: took}, took)
		if l.CacheMinutes > 0 {
			l.cache.Add(sha256.Sum256(body), cachedAnswer{answer, now.Add(time.Duration(l.CacheMinutes) * time.Minute)})
		}
	case errors.Is(context.Cause(ctx), context.Canceled):
		l.breaker.abandon()
		l.note(OutcomeLate, Day{Late: 1}, took)
	case isTimeout(err):
		l.failed(ctx, errors.New("no response came within the time limit"))
		l.note(OutcomeLate, Day{Late: 1}, took)
	default:
		l.failed(ctx, err)
		l.note(OutcomeFailed, Day{Failed: 1}, took)
	}
	return answer, err
}

// failed counts a failure of the server.
func (l *line) failed(ctx context.Context, err error) {
	l.tally.setReason(reasonOf(err))
	if l.breaker.fail(l.asker.Now()) {
		l.asker.Log.WarnContext(ctx, "an outside classifier failed several times; calls are paused", "classifier", l.Name,
			"reason", reasonOf(err))
	}
}

func (l *line) exchange(ctx context.Context, body []byte, at time.Time) (Answer, error) {
	r, err := l.protocol.request(l.Classifier, l.secret, body, stamp{l.asker.NewID(), at})
	if err != nil {
		return Answer{}, err
	}
	response, err := l.asker.Client.Do(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	return l.protocol.answer(l.Classifier, response)
}

// teach tells the classifier what a moderator decided.
func (l *line) teach(ctx context.Context, d Document, spam bool) error {
	protocol, ok := l.protocol.(teachable)
	switch {
	case l.fault != nil:
		return l.fault
	case !ok || !l.Feedback:
		return nil // switched off meanwhile
	}
	r, err := protocol.feedback(l.Classifier, l.secret, d.only(l.Sends), spam)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	response, err := l.asker.Client.Do(ctx, r)
	switch {
	case err != nil:
		return err
	case !response.OK():
		return fmt.Errorf("%w: status %d", ErrStatus, response.Status)
	case !protocol.accepted(response):
		return fmt.Errorf("%w: the decision was not accepted", ErrAnswer)
	}
	return nil
}

func (l *line) skip(why error) error {
	l.note(OutcomeSkipped, Day{Skipped: 1}, 0)
	return why
}

func (l *line) note(outcome string, n Day, took time.Duration) {
	l.tally.count(l.asker.Now(), n)
	if l.asker.Observe != nil {
		l.asker.Observe(l.Name, outcome, took)
	}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}

// reasonOf says why a call failed. It leaves out the URL, which may have a key in it.
func reasonOf(err error) string {
	var request *url.Error
	if errors.As(err, &request) {
		err = request.Err
	}
	return err.Error()
}
