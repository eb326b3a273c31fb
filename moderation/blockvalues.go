package moderation

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"rejoinder/moderation/rules"
	"rejoinder/moderation/text"
	"rejoinder/privacy"
)

// maxBlockHosts bounds how many hosts of one submission are looked up. No text that anybody reads links to
// more.
const maxBlockHosts = 500

// BlockOffer is something of a comment that can be blocked.
type BlockOffer struct {
	Kind  BlockKind
	Value string // as NewBlock takes it; empty for what need not be seen to be blocked: the email, its domain and the prefix
}

// MatchedBlock is a block that fits a submission.
type MatchedBlock struct {
	ID     string
	Kind   BlockKind
	Action Action
}

// mailProviders are where everybody may have an email: a block on one of these domains would hit more
// strangers than pests, and from a comment it is made without seeing the domain.
var mailProviders = []string{
	"gmail.com",
	"googlemail.com",
	"outlook.com",
	"hotmail.com",
	"hotmail.co.uk",
	"hotmail.de",
	"hotmail.fr",
	"live.com",
	"msn.com",
	"yahoo.com",
	"yahoo.co.uk",
	"yahoo.de",
	"yahoo.fr",
	"yahoo.co.jp",
	"yahoo.com.br",
	"ymail.com",
	"icloud.com",
	"me.com",
	"mac.com",
	"aol.com",
	"proton.me",
	"protonmail.com",
	"fastmail.com",
	"zoho.com",
	"mail.com",
	"gmx.de",
	"gmx.net",
	"gmx.at",
	"gmx.ch",
	"gmx.com",
	"web.de",
	"t-online.de",
	"freenet.de",
	"posteo.de",
	"mailbox.org",
	"orange.fr",
	"wanadoo.fr",
	"free.fr",
	"laposte.net",
	"sfr.fr",
	"libero.it",
	"virgilio.it",
	"tiscali.it",
	"wp.pl",
	"o2.pl",
	"onet.pl",
	"interia.pl",
	"mail.ru",
	"yandex.ru",
	"yandex.com",
	"bk.ru",
	"rambler.ru",
	"ukr.net",
	"seznam.cz",
	"uol.com.br",
	"bol.com.br",
	"terra.com.br",
	"qq.com",
	"163.com",
	"126.com",
	"sina.com",
	"naver.com",
	"hanmail.net",
	"comcast.net",
	"verizon.net",
	"att.net",
	"btinternet.com",
	"ziggo.nl",
	"kpnmail.nl",
	"telia.com",
}

// canonical returns the one spelling under which a value is indexed, and what is shown of it.
func (k BlockKind) canonical(faults *Invalid, value string) (canonical, shown string) {
	value = strings.TrimSpace(value)
	if value == "" && k.known() {
		faults.Add("/value", "required", "Say what to block.")
		return "", ""
	}
	switch k {
	case BlockEmail:
		if err := text.CheckEmail(value); err != nil {
			faults.Add("/value", "malformed", sentence(err))
		}
		return privacy.Mailbox(value), ""
	case BlockDomain:
		canonical = text.EmailDomain("x@" + strings.TrimPrefix(value, "@"))
		if slices.Contains(mailProviders, canonical) {
			faults.Add("/value", "too_wide", "Anybody can have an email at this provider. Block the one email.")
		}
		return checkedHost(faults, canonical)
	case BlockHost:
		return checkedHost(faults, hostIn(value))
	case BlockName:
		return checkedName(faults, value)
	case BlockPrefix:
		return checkedPrefix(faults, value), ""
	}
	faults.Add("/kind", "unknown", "The kind is one of email, domain, name, host, prefix.")
	return "", ""
}

func (k BlockKind) known() bool {
	return slices.Contains([]BlockKind{BlockEmail, BlockDomain, BlockName, BlockHost, BlockPrefix}, k)
}

// checkedHost refuses what is no host, and what half the world is below.
func checkedHost(faults *Invalid, host string) (canonical, shown string) {
	suffix, official := publicsuffix.PublicSuffix(host)
	switch {
	case host == "":
		faults.Add("/value", "malformed", "This is a domain, as in shop.example.")
	case host == suffix && official:
		faults.Add("/value", "too_wide", "Anybody can have a domain below this one. Block one of those.")
	}
	return host, host
}

func checkedName(faults *Invalid, value string) (canonical, shown string) {
	name, err := text.CleanLine(value)
	switch {
	case err != nil:
		faults.Add("/value", "malformed", sentence(err))
	case !text.Visible(name):
		faults.Add("/value", "required", "Say what to block.")
	case text.Characters(name) > MaxNameCharacters:
		faults.Add("/value", "too_long", fmt.Sprintf("A name has at most %d characters.", MaxNameCharacters))
	}
	return text.NameSkeletons(name)[0], name
}

// checkedPrefix takes an address for its network.
func checkedPrefix(faults *Invalid, value string) string {
	if address, err := netip.ParseAddr(value); err == nil {
		return privacy.Prefix(address).String()
	}
	prefix, err := netip.ParsePrefix(value)
	if err != nil || privacy.Prefix(prefix.Addr()) != prefix {
		faults.Add("/value", "malformed", "This is an address, or a network as in 192.0.2.0/24 or 2001:db8:1::/48.")
		return ""
	}
	return prefix.String()
}

// hostIn returns the host of a web address, or of what is one without its scheme; empty for anything else.
func hostIn(value string) string {
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	canonical, err := text.CheckURL(value)
	if err != nil {
		return ""
	}
	parsed, err := url.Parse(canonical)
	if err != nil {
		return ""
	}
	return parsed.Hostname()
}

// blockTraits are everything of a submission that a block may be against.
type blockTraits struct {
	email  string // empty when it is not known any more, like the others
	name   string
	hosts  []string // lower-case ASCII, each once
	prefix string
}

// traitsOf takes what a submission consists of apart.
func traitsOf(body, authorURL string) blockTraits {
	var t blockTraits
	for _, link := range text.Links(body) {
		t.hosts = append(t.hosts, link.Host)
	}
	t.hosts = append(t.hosts, hostIn(authorURL))
	slices.Sort(t.hosts)
	t.hosts = slices.DeleteFunc(slices.Compact(t.hosts), func(host string) bool { return host == "" })
	return t
}

// traits are those of a comment as it is now.
func (q *Queue) traits(ctx context.Context, row QueueRow) (blockTraits, error) {
	commenter, err := q.Store.Commenter(ctx, row.Comment.CommenterID)
	if err != nil {
		return blockTraits{}, err
	}
	t := traitsOf(row.Submission.Body, row.Comment.AuthorURL)
	t.name, t.prefix = row.Comment.AuthorName, row.Submission.AddressPrefix
	if len(commenter.EmailSealed) == 0 || row.Comment.AuthorName == "" { // erased
		return t, nil
	}
	if t.email, err = q.Keys.Open(commenter.EmailSealed, commenter.ID); err != nil {
		return blockTraits{}, fmt.Errorf("open email: %w", err)
	}
	return t, nil
}

// only returns the comment's one value of a kind, or *Invalid when it has none or several.
func (t blockTraits) only(kind BlockKind) (string, error) {
	var faults Invalid
	values := t.values(kind)
	switch {
	case !kind.known():
		return "", nil // refused with the rest
	case len(values) == 1:
		return values[0], nil
	case len(values) == 0:
		faults.Add("/kind", "unavailable", "The comment has nothing of that kind, or it is not kept any more.")
	default:
		faults.Add("/value", "required", "The comment has links to several hosts: say which.")
	}
	return "", faults.Err()
}

// values returns what the submission has of a kind.
func (t blockTraits) values(kind BlockKind) []string {
	value := ""
	switch kind {
	case BlockHost:
		return t.hosts
	case BlockEmail:
		value = t.email
	case BlockDomain:
		value = text.EmailDomain(t.email)
	case BlockName:
		value = t.name
	case BlockPrefix:
		value = t.prefix
	}
	if value == "" {
		return nil
	}
	return []string{value}
}

// BlockOffers returns what of a comment can be blocked.
func (q *Queue) BlockOffers(ctx context.Context, v Viewer, commentID string) ([]BlockOffer, error) {
	row, err := q.visible(ctx, v, commentID)
	if err != nil {
		return nil, fmt.Errorf("offer blocks: %w", err)
	}
	if row.Comment.Staff {
		return nil, nil
	}
	t, err := q.traits(ctx, row)
	if err != nil {
		return nil, fmt.Errorf("offer blocks: %w", err)
	}
	var offers []BlockOffer
	for _, kind := range []BlockKind{BlockEmail, BlockName, BlockPrefix, BlockDomain, BlockHost} {
		for _, value := range t.values(kind)[:min(len(t.values(kind)), maxPendingKeys)] {
			switch kind {
			case BlockName, BlockHost:
			default:
				value = ""
			}
			offers = append(offers, BlockOffer{kind, value})
		}
	}
	return offers, nil
}

// blockKey is a kind and a canonical value that a block may have.
type blockKey struct {
	kind  BlockKind
	value string
}

// keys returns the keys of all blocks that would match.
func (t blockTraits) keys() []blockKey {
	var keys []blockKey
	add := func(kind BlockKind, values ...string) {
		for _, value := range values {
			if value != "" {
				keys = append(keys, blockKey{kind, value})
			}
		}
	}
	if t.email != "" {
		add(BlockEmail, privacy.Mailbox(t.email))
		add(BlockDomain, withParents([]string{text.EmailDomain(t.email)})...)
	}
	if t.name != "" {
		add(BlockName, text.NameSkeletons(t.name)...)
	}
	add(BlockPrefix, t.prefix)
	add(BlockHost, withParents(t.hosts[:min(len(t.hosts), maxBlockHosts)])...)
	return keys
}

// blockIndexes returns the indexes, under every key, of all blocks that match a submission.
func (in *Intake) blockIndexes(s Submission) [][]byte {
	t := traitsOf(s.Body, s.AuthorURL)
	t.email, t.name, t.prefix = s.AuthorEmail, s.AuthorName, prefixOf(s.Address)
	var indexes [][]byte
	for _, key := range t.keys() {
		indexes = append(indexes, in.Keys.KindIndexes(string(key.kind), key.value)...)
	}
	return indexes
}

// withParents adds to hosts all that they are below, save top-level domains, each once. An address has
// nothing above it.
func withParents(hosts []string) []string {
	var all []string
	for _, host := range hosts {
		all = append(all, host)
		if _, err := netip.ParseAddr(host); err == nil {
			continue
		}
		for _, above, more := strings.Cut(host, "."); more && strings.Contains(above, "."); _, above, more = strings.Cut(above, ".") {
			all = append(all, above)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// blockFacts lays the blocks that fit out; storage gives the severest first.
func blockFacts(matched []MatchedBlock) rules.Blocks {
	var facts rules.Blocks
	for _, b := range matched {
		if facts.Action == "" {
			facts.Action = string(b.Action)
		}
		if !slices.Contains(facts.Kinds, string(b.Kind)) {
			facts.Kinds = append(facts.Kinds, string(b.Kind))
		}
		facts.IDs = append(facts.IDs, b.ID)
	}
	return facts
}
