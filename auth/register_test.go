package auth

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRegisterStoresAModerator(t *testing.T) {
	h := newFixture(t)
	m, err := h.Register(t.Context(), NewModerator{Email: " grace@paper.example ", Name: " Grace ", Role: RoleAdmin, Password: adaPassword})
	if err != nil {
		t.Fatal(err)
	}
	stored, err := h.store.Moderator(t.Context(), m.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, stored); diff != "" {
		t.Error(diff)
	}
	if made, ok := uuidTime(m.ID); !ok || !made.Equal(monday) || len(m.ID) != 36 {
		t.Errorf("id %q is not a UUIDv7 of now", m.ID)
	}
	sealed, err := testEmails{}.Seal("grace@paper.example", "moderator:"+m.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := Moderator{ID: m.ID, Name: "Grace", EmailIndex: testIndex("new", "grace@paper.example"), EmailSealed: sealed,
		Role: RoleAdmin, PasswordHash: m.PasswordHash, CreatedAt: monday}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(fmt.Sprintf("%v %q %q", stored, stored.EmailIndex, stored.EmailSealed), "grace@") {
		t.Error("the stored moderator holds the plain email")
	}
}

func TestRegisterRefusesASecondModeratorWithTheSameEmail(t *testing.T) {
	grace := NewModerator{Email: strings.ToUpper(adaEmail), Name: "Grace", Role: RoleAdmin, Password: adaPassword}
	t.Run("under the same index key", func(t *testing.T) {
		h := newFixture(t)
		h.registerAda(t)
		if _, err := h.Register(t.Context(), grace); !errors.Is(err, ErrModeratorExists) {
			t.Errorf("got %v, want ErrModeratorExists", err)
		}
	})
	t.Run("under an older index key", func(t *testing.T) {
		h := newFixture(t)
		m := h.registerAda(t)
		h.store.change(m.ID, func(m *Moderator) { m.EmailIndex = testIndex("old", adaEmail) })
		if _, err := h.Register(t.Context(), grace); !errors.Is(err, ErrModeratorExists) {
			t.Errorf("got %v, want ErrModeratorExists", err)
		}
		h.mustLogin(t)
	})
}

func TestANewPasswordTakesThePlaceOfTheOldOne(t *testing.T) {
	h := newFixture(t)
	h.registerAda(t)
	const fresh = "another harbour, later in the day"
	for range 2 { // the second time there is nothing to change
		if err := h.SetPassword(t.Context(), strings.ToUpper(adaEmail), fresh); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.Login(t.Context(), loginRequest(adaEmail, fresh)); err != nil {
		t.Errorf("with the new password: %v", err)
	}
	if _, err := h.Login(t.Context(), loginRequest(adaEmail, adaPassword)); !errors.Is(err, ErrBadCredentials) {
		t.Errorf("with the old password: %v", err)
	}
	var faults Invalid
	if err := h.SetPassword(t.Context(), adaEmail, "short"); !errors.As(err, &faults) {
		t.Errorf("with a bad password: %v", err)
	}
	if err := h.SetPassword(t.Context(), "nobody@paper.example", fresh); !errors.Is(err, ErrUnknownModerator) {
		t.Errorf("of nobody: %v", err)
	}
}

func TestRegisterNamesEveryFault(t *testing.T) {
	many := make([]string, maxSiteIDs+1)
	for i := range many {
		many[i] = fmt.Sprintf("site-%d", i)
	}
	good := NewModerator{Email: adaEmail, Name: "Ada", Role: RoleModerator, SiteIDs: many[:maxSiteIDs], Password: adaPassword}
	for name, test := range map[string]struct {
		change func(*NewModerator)
		want   Invalid
	}{
		"nothing wrong":                {func(*NewModerator) {}, nil},
		"an address without a dot":     {func(n *NewModerator) { n.Email = "ada@localhost" }, nil},
		"an international address":     {func(n *NewModerator) { n.Email = "jörg@büro.example" }, nil},
		"the longest local part":       {func(n *NewModerator) { n.Email = strings.Repeat("a", 64) + "@b.c" }, nil},
		"no email":                     {func(n *NewModerator) { n.Email = " " }, Invalid{{"email", FaultRequired, "is required"}}},
		"no @":                         {func(n *NewModerator) { n.Email = "ada" }, Invalid{{"email", FaultInvalid, "must be one email address, such as eve@example.org"}}},
		"two @":                        {func(n *NewModerator) { n.Email = "a@b@c.d" }, Invalid{{"email", FaultInvalid, "must be one email address, such as eve@example.org"}}},
		"nothing before the @":         {func(n *NewModerator) { n.Email = "@c.d" }, Invalid{{"email", FaultInvalid, "must be one email address, such as eve@example.org"}}},
		"a local part too long":        {func(n *NewModerator) { n.Email = strings.Repeat("a", 65) + "@b.c" }, Invalid{{"email", FaultInvalid, "must have at most 64 bytes before the @"}}},
		"nothing after the @":          {func(n *NewModerator) { n.Email = "ada@" }, Invalid{{"email", FaultInvalid, "must have a domain name after the @"}}},
		"an empty label":               {func(n *NewModerator) { n.Email = "ada@b..c" }, Invalid{{"email", FaultInvalid, "must have a domain name after the @"}}},
		"a label that ends in a dash":  {func(n *NewModerator) { n.Email = "ada@b-.c" }, Invalid{{"email", FaultInvalid, "must have a domain name after the @"}}},
		"an email with a header in it": {func(n *NewModerator) { n.Email = "a@b.c\r\nBcc: d@e.f" }, Invalid{{"email", FaultInvalid, "must not contain spaces or control characters"}}},
		"an email with broken UTF-8":   {func(n *NewModerator) { n.Email = "\xff@b.c" }, Invalid{{"email", FaultInvalid, "must not contain spaces or control characters"}}},
		"an email too long":            {func(n *NewModerator) { n.Email = "a@" + strings.Repeat("b.", 130) + "c" }, Invalid{{"email", FaultInvalid, "must be at most 254 bytes long"}}},
		"no name":                      {func(n *NewModerator) { n.Name = "" }, Invalid{{"name", FaultRequired, "is required"}}},
		"a name with a line break":     {func(n *NewModerator) { n.Name = "A\nda" }, Invalid{{"name", FaultInvalid, "must be text without control characters"}}},
		"a name that shows nothing": {func(n *NewModerator) { n.Name = "\u202e\u200b\u3164" },
			Invalid{{"name", FaultInvalid, "must have at least one visible character"}}},
		"a name too long":       {func(n *NewModerator) { n.Name = strings.Repeat("ä", 101) }, Invalid{{"name", FaultInvalid, "must be at most 100 characters long"}}},
		"no role":               {func(n *NewModerator) { n.Role = "" }, Invalid{{"role", FaultInvalid, "must be admin, moderator, rules, writer or viewer"}}},
		"too many sites":        {func(n *NewModerator) { n.SiteIDs = many }, Invalid{{"sites", FaultInvalid, "must be at most 100; none means all sites"}}},
		"a site without id":     {func(n *NewModerator) { n.SiteIDs = []string{""} }, Invalid{{"sites", FaultInvalid, "must be the id of a site"}}},
		"a site with a NUL":     {func(n *NewModerator) { n.SiteIDs = []string{"a\x00"} }, Invalid{{"sites", FaultInvalid, "must be the id of a site"}}},
		"a site twice":          {func(n *NewModerator) { n.SiteIDs = []string{"a", "a"} }, Invalid{{"sites", FaultInvalid, "must not name a site twice"}}},
		"a short password":      {func(n *NewModerator) { n.Password = "short" }, Invalid{{"password", FaultInvalid, "must be at least 12 characters long"}}},
		"the email as password": {func(n *NewModerator) { n.Password = n.Email }, Invalid{{"password", FaultInvalid, "must not contain the email or the name; use words that have nothing to do with you"}}},
		"everything wrong at once": {func(n *NewModerator) { *n = NewModerator{SiteIDs: []string{""}} }, Invalid{{"email", FaultRequired, "is required"},
			{"name", FaultRequired, "is required"}, {"role", FaultInvalid, "must be admin, moderator, rules, writer or viewer"}, {"sites", FaultInvalid, "must be the id of a site"},
			{"password", FaultInvalid, "must be at least 12 characters long"}}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newFixture(t)
			n := good
			test.change(&n)
			_, err := h.Register(t.Context(), n)
			var got Invalid
			if !errors.As(err, &got) && err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if registered := len(h.store.moderators) == 1; registered != (test.want == nil) {
				t.Errorf("registered: %v", registered)
			}
		})
	}
}

func TestATokenWithTheMostSitesIsNotTooLong(t *testing.T) {
	c := &clock{now: monday}
	tokens := newTestTokens(t, newTestKeyRing(t, t.TempDir(), c.Now), c.Now)
	m := Moderator{ID: "m-1", Role: RoleModerator, Name: strings.Repeat("\U0001F33B", maxNameChars)}
	for i := range maxSiteIDs {
		m.SiteIDs = append(m.SiteIDs, strings.Repeat("s", maxSiteIDBytes-3)+fmt.Sprintf("%03d", i))
	}
	token, err := tokens.Issue(m, "s-1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tokens.Verify(token); err != nil {
		t.Errorf("%d bytes: %v", len(token), err)
	}
}

func TestRoles(t *testing.T) {
	for _, test := range []struct {
		has  Role
		need Permission
		want bool
	}{
		{RoleAdmin, PermissionAdminister, true},
		{RoleAdmin, PermissionHooks, true},
		{RoleModerator, PermissionModerate, true},
		{RoleModerator, PermissionReply, true},
		{RoleModerator, PermissionRules, false},
		{RoleRules, PermissionRules, true},
		{RoleRules, PermissionModerate, false},
		{RoleWriter, PermissionReply, true},
		{RoleWriter, PermissionModerate, false},
		{RoleViewer, PermissionRead, true},
		{RoleViewer, PermissionReply, false},
		{RoleViewer, PermissionNone, true},
		{"", PermissionRead, false},
		{"", PermissionNone, false},
		{"owner", PermissionAdminister, false},
		{RoleAdmin, "own", false},
	} {
		if got := test.has.May(test.need); got != test.want {
			t.Errorf("%q may %q: %v, want %v", test.has, test.need, got, test.want)
		}
	}
}

func TestSites(t *testing.T) {
	for _, test := range []struct {
		name  string
		sites []string
		want  bool
	}{
		{"no list means every site", nil, true},
		{"a site on the list", []string{"site-1", "site-2"}, true},
		{"a site not on the list", []string{"site-1"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := (Moderator{SiteIDs: test.sites}).MaySee("site-2"); got != test.want {
				t.Errorf("Moderator.MaySee = %v, want %v", got, test.want)
			}
			if got := (Identity{SiteIDs: test.sites}).MaySee("site-2"); got != test.want {
				t.Errorf("Identity.MaySee = %v, want %v", got, test.want)
			}
		})
	}
}
