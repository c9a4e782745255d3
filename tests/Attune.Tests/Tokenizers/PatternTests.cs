using Attune.Tokenizers;
using Attune.Tokenizers.Patterns;
using Attune.Tokenizers.Text;
using Xunit;

namespace Attune.Tests.Tokenizers;

/// <summary>The matcher for Oniguruma's syntax. What a pattern finds is put in brackets.</summary>
public sealed class PatternTests
{
    [Theory]
    [InlineData("a+", "baac", "b[aa]c")]
    [InlineData("a*", "baac", "[]b[aa]c[]")]
    [InlineData("a+?", "aaa", "[a][a][a]")]
    [InlineData("(a|b)+?c", "abac", "[abac]")]
    [InlineData("x{2,3}", "xxxxx", "[xxx][xx]")]
    [InlineData("x{2}?", "xxx", "[xx]x[]")]
    [InlineData("x{,2}y", "xxxy", "x[xxy]")]
    [InlineData("{2}", "a{2}", "a[{2}]")]
    [InlineData("(?i)straSSe", "STRASSE", "[STRASSE]")]
    [InlineData("(?i:k)", "\u212Ak", "[\u212A][k]")]
    [InlineData("a(?i)b|c", "aBAC", "[aB]A[C]")]
    [InlineData("(?<=a)b", "abb", "a[b]b")]
    [InlineData("(?<!a|xy)b", "abxybb", "abxyb[b]")]
    [InlineData("a(?!b)", "abac", "ab[a]c")]
    [InlineData("(?>a*)a", "aaa", "aaa")]
    [InlineData("a*+a", "aaa", "aaa")]
    [InlineData("^.", "a\nb", "[a]\n[b]")]
    [InlineData(".$", "a\nb", "[a]\n[b]")]
    [InlineData("\\Aa|b\\z", "aab b", "[a]ab [b]")]
    [InlineData("\\bb", "b ab b", "[b] ab [b]")]
    [InlineData("\\b.", "x\u00B2", "[x]\u00B2")]
    [InlineData("(.)\\1", "aabcc", "[aa]b[cc]")]
    [InlineData("(?<n>.)\\k<n>", "aab", "[aa]b")]
    [InlineData("[a-c&&[^b]]+", "abcac", "[a]b[cac]")]
    [InlineData("[]a]", "]b", "[]]b")]
    [InlineData("[\\d\\-x]+", "1-x y", "[1-x] y")]
    [InlineData("[[:alpha:]]+", "ab1\u00e9", "[ab]1[\u00e9]")]
    [InlineData("[[:^alpha:]]", "a1", "a[1]")]
    [InlineData("\\p{Lu}\\p{^Lu}", "aBc", "a[Bc]")]
    [InlineData("\\p{Han}+", "a\u4e2d\u6587b", "a[\u4e2d\u6587]b")]
    [InlineData("\\x{1F600}", "\ud83d\ude00", "[\ud83d\ude00]")]
    [InlineData(".", "\ud83d\ude00", "[\ud83d\ude00]")]
    [InlineData("[^a]", "a\ud83d\ude00", "a[\ud83d\ude00]")]
    [InlineData("\\X", "e\u0301a", "[e\u0301][a]")]
    [InlineData("\\R", "a\r\nb\n", "a[\r\n]b[\n]")]
    [InlineData("(?x) a b # comment", "ab", "[ab]")]
    [InlineData("(?m)a.b", "a\nb", "[a\nb]")]
    [InlineData("(?#nothing)a", "a", "[a]")]
    [InlineData("(?:a*)*b", "aab", "[aab]")]
    [InlineData("\\h+", "xyzff0G", "xyz[ff0]G")]
    public void A_pattern_finds_what_it_should(string pattern, string text, string expected)
    {
        var matches = new List<PatternMatch>();
        TextPattern.Parse(pattern).FindAll(text, matches);
        Assert.Equal(expected, string.Concat(matches.Select(m => m.IsDelimiter ? $"[{text[m.Start..m.End]}]" : text[m.Start..m.End])));
    }

    [Theory]
    [InlineData("(a")]
    [InlineData("a)")]
    [InlineData("[a")]
    [InlineData("*a")]
    [InlineData("a\\")]
    [InlineData("\\p{Nonsense}")]
    [InlineData("(?<=a*)b")]
    [InlineData("\\2")]
    [InlineData("(?~a)")]
    [InlineData("[b-a]")]
    [InlineData("a{1001}")]
    [InlineData("[[:nonsense:]]")]
    [InlineData("\\x{110000}")]
    public void What_is_not_understood_is_refused(string pattern) => Assert.Throws<PatternSyntaxException>(() => TextPattern.Parse(pattern));

    [Fact]
    public void Groups_nested_without_end_are_refused() =>
        Assert.Throws<PatternSyntaxException>(() => TextPattern.Parse(new string('(', 3000)));

    [Fact]
    public void A_pattern_that_backtracks_without_end_ends_in_an_error() =>
        Assert.Throws<TokenizationException>(() => TextPattern.Parse("(a|a)*(a|a)*(a|aa)*$b").FindAll(new string('a', 200), []));
}
