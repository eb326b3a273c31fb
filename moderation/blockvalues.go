package moderation

import (
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

// BlockKind is the kind of value that a block matches.
type BlockKind string

// Kinds of blocks.
const (
	BlockEmail  BlockKind = "email"  // the mailbox of one email
	BlockDomain BlockKind = "domain" // emails at a domain and its subdomains
	BlockName   BlockKind = "name"   // a name and its look-alikes
	BlockHost   BlockKind = "host"   // links, and commenters' websites, at a host and its subdomains
	BlockPrefix BlockKind = "prefix" // the client's network: /24 for IPv4, /48 for IPv6
)

// maxBlockHosts is the maximum number of hosts looked up per submission. No text meant for readers links to
// more.
const maxBlockHosts = 500

// MatchedBlock is a block that matches a submission.
type MatchedBlock struct {
	ID     string
	Kind   BlockKind
	Action Action
}

// mailProviders are public email providers. A block on one of these domains would mostly hit strangers, and a
// moderator who blocks from a comment does not see the domain.
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

// Canonical returns the canonical spelling of value, used for the index, and the one shown to moderators. It
// adds the faults of value to faults.
func (k BlockKind) Canonical(faults *Invalid, value string) (canonical, shown string) {
	value = strings.TrimSpace(value)
	if value == "" && k.Known() {
		faults.Add("/value", "required", "Name what to block.")
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

// Known reports whether k is one of the five kinds.
func (k BlockKind) Known() bool {
	return slices.Contains([]BlockKind{BlockEmail, BlockDomain, BlockName, BlockHost, BlockPrefix}, k)
}

// checkedHost rejects an empty host and an official public suffix.
func checkedHost(faults *Invalid, host string) (canonical, shown string) {
	suffix, official := publicsuffix.PublicSuffix(host)
	switch {
	case host == "":
		faults.Add("/value", "malformed", "Must be a domain, such as shop.example.")
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
		faults.Add("/value", "required", "Name what to block.")
	case text.Characters(name) > MaxNameCharacters:
		faults.Add("/value", "too_long", fmt.Sprintf("A name has at most %d characters.", MaxNameCharacters))
	}
	return text.NameSkeletons(name)[0], name
}

// checkedPrefix returns the network of an address.
func checkedPrefix(faults *Invalid, value string) string {
	if address, err := netip.ParseAddr(value); err == nil {
		return privacy.Prefix(address).String()
	}
	prefix, err := netip.ParsePrefix(value)
	if err != nil || privacy.Prefix(prefix.Addr()) != prefix {
		faults.Add("/value", "malformed", "Must be an IP address or a network, such as 192.0.2.0/24 or 2001:db8:1::/48.")
		return ""
	}
	return prefix.String()
}

// hostIn returns the host of a URL, with or without scheme, or empty for anything else.
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

// BlockTraits are the parts of a submission that a block can match. Unknown or erased ones are empty.
type BlockTraits struct {
	Email  string
	Name   string
	Hosts  []string // lower-case ASCII, no duplicates
	Prefix string   // of the client's address
}

// NewBlockTraits returns the hosts in the text, disguised ones included, and the host of the author's URL. The
// caller sets the other traits.
func NewBlockTraits(reading *text.Reading, authorURL string) BlockTraits {
	t := BlockTraits{Hosts: append(reading.Hosts(), hostIn(authorURL))}
	slices.Sort(t.Hosts)
	t.Hosts = slices.DeleteFunc(slices.Compact(t.Hosts), func(host string) bool { return host == "" })
	return t
}

// Values returns the submission's values of a kind.
func (t BlockTraits) Values(kind BlockKind) []string {
	value := ""
	switch kind {
	case BlockHost:
		return t.Hosts
	case BlockEmail:
		value = t.Email
	case BlockDomain:
		value = text.EmailDomain(t.Email)
	case BlockName:
		value = t.Name
	case BlockPrefix:
		value = t.Prefix
	}
	if value == "" {
		return nil
	}
	return []string{value}
}

// blockKey is a kind with a canonical value.
type blockKey struct {
	kind  BlockKind
	value string
}

// keys returns the keys of all blocks that would match.
func (t BlockTraits) keys() []blockKey {
	var keys []blockKey
	add := func(kind BlockKind, values ...string) {
		for _, value := range values {
			if value != "" {
				keys = append(keys, blockKey{kind, value})
			}
		}
	}
	if t.Email != "" {
		add(BlockEmail, privacy.Mailbox(t.Email))
		add(BlockDomain, withParents([]string{text.EmailDomain(t.Email)})...)
	}
	if t.Name != "" {
		add(BlockName, text.NameSkeletons(t.Name)...)
	}
	add(BlockPrefix, t.Prefix)
	add(BlockHost, withParents(t.Hosts[:min(len(t.Hosts), maxBlockHosts)])...)
	return keys
}

// Indexes returns the indexes, under every key, of all blocks of a kind that match the submission. An empty
// kind means every kind.
func (t BlockTraits) Indexes(keys *privacy.Keyring, kind BlockKind) [][]byte {
	var indexes [][]byte
	for _, key := range t.keys() {
		if kind == "" || key.kind == kind {
			indexes = append(indexes, keys.KindIndexes(string(key.kind), key.value)...)
		}
	}
	return indexes
}

// blockIndexes returns the indexes, under every key, of all blocks that match a submission.
func (in *Intake) blockIndexes(s Submission) [][]byte {
	t := NewBlockTraits(s.reading, s.AuthorURL)
	t.Email, t.Name, t.Prefix = s.AuthorEmail, s.AuthorName, addressPrefix(s.Address)
	return t.Indexes(in.Keys, "")
}

// withParents adds the parent domains of hosts, without top-level domains and duplicates. IP addresses have
// no parents.
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

// blockFacts converts matching blocks to facts. Storage returns them most severe first.
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
