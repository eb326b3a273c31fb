package rules

// How far a speaker is looked for, in words.
const (
	reachSubject = 8  // from a match back to who does it
	reachSay     = 10 // from the subject back to a word that reports it
	strangers    = 1  // unknown words allowed between "I" and the match
	reachWish    = 3  // from a match back to a "should"
	reachSelf    = 6  // from a match back to the "I" that it is said of
)

// byAuthored returns the matches of a list in the body that the author says of themselves ("I will …", "let us
// …"), wishes ("somebody should …", "I hope you …") or orders ("… yourself!", "go and …"). What others are said
// to do or to have said is not, and neither is a quotation.
func (e *evaluation) byAuthored(q *question) []match {
	s := e.speech()
	var own []match
	for _, m := range e.inBody(q.list) {
		if at := s.extentOf(m); !within(m, s.quoted) && s.own(at) {
			own = append(own, m)
		}
	}
	return own
}

func (s *speech) own(at extent) bool {
	from, _ := s.bounds(at)
	for _, g := range s.grammars {
		subject, found := s.subject(g, at, from)
		if found && !s.reported(g, subject, at, from) {
			return true
		}
	}
	return false
}

// subject returns the word by which a match is the author's own: "I", "should", or the beginning of an order.
func (s *speech) subject(g *grammar, at extent, from int) (int, bool) {
	unknown := 0
	for i := at.first - 1; i >= max(from, at.first-reachSubject); i-- {
		r := s.role(g, i, at)
		switch {
		case r&roleMe != 0:
			return i, unknown <= strangers
		case r&roleWish != 0:
			return i, at.first-i <= reachWish+1
		case r&roleStop != 0 && r&(roleAux|roleGo) == 0, r&roleYou != 0 && r&roleAux == 0:
			return s.wished(g, i, at, from)
		case r&(roleAux|roleGo) == 0:
			unknown++
		}
	}
	return s.ordered(g, at, from)
}

// wished reports whether the subject at word i is what the author hopes for: "I hope they …".
func (s *speech) wished(g *grammar, i int, at extent, from int) (int, bool) {
	for k := i - 1; k >= max(from, i-2); k-- {
		if s.role(g, k, at)&roleWish != 0 {
			return k, true
		}
	}
	return 0, false
}

// ordered reports whether the match begins its sentence, as an order does, behind words such as "please" and
// names at most.
func (s *speech) ordered(g *grammar, at extent, from int) (int, bool) {
	for i := from; i < at.first; i++ {
		if s.role(g, i, at)&(roleGo|roleYou) == 0 && !s.isName(i) {
			return 0, false
		}
	}
	return from, true
}

// reported reports whether a word before the subject says that it is somebody else's speech: "she said I will
// …". Of oneself it is no report: "I said I will …".
func (s *speech) reported(g *grammar, subject int, at extent, from int) bool {
	for i := subject - 1; i >= max(from, subject-reachSay); i-- {
		if s.role(g, i, at)&roleSay == 0 {
			continue
		}
		if i == from || s.role(g, i-1, at)&roleMe == 0 {
			return true
		}
	}
	return false
}

// allOfAuthor returns the matches of a list in the body if all of them are said of the author: "I felt like such an
// idiot". More than maxSpans are not all known, so they do not count.
func (e *evaluation) allOfAuthor(q *question) []match {
	if e.counts[countIndex(q.list, bodyField)] > maxSpans {
		return nil
	}
	s, found := e.speech(), e.inBody(q.list)
	for _, m := range found {
		if !s.ofAuthor(s.extentOf(m)) {
			return nil
		}
	}
	return found
}

// ofAuthor reports whether only function words stand between a first person and a match, and one of them links the
// two.
func (s *speech) ofAuthor(at extent) bool {
	from, _ := s.bounds(at)
	for _, g := range s.grammars {
		linked := false
		for i := at.first - 1; i >= max(from, at.first-reachSelf); i-- {
			r := s.role(g, i, at)
			linked = linked || r&roleSelf != 0
			switch {
			case r&roleMe != 0 && linked:
				return true
			case r&roleMe == 0 && r&(roleYou|roleYouAre) == 0 && r&(roleSelf|roleDet|roleLike|roleVoc|roleAux) != 0:
				continue
			}
			break
		}
	}
	return false
}
