using Attune.Tokenizers;
using Xunit;
using Utf8 = System.Text.Encoding;

namespace Attune.Tests.Tokenizers;

/// <summary>Added tokens beside each other, as the published library finds them (0.22.2).</summary>
public sealed class AddedTokenTests
{
    [Fact]
    public void A_token_in_the_space_that_the_one_before_took_is_found_all_the_same()
    {
        var tokenizer = Load("null", Token(2, "<m>", rightStrip: true), Token(3, "\\n"));
        Check(tokenizer, "<m> \nx", [2, 3, 1]);
    }

    [Fact]
    public void A_token_that_takes_the_space_before_it_leaves_what_is_taken_already()
    {
        var tokenizer = Load("null", Token(2, "<m>", rightStrip: true), Token(3, "\\n", leftStrip: true));
        Check(tokenizer, "<m> \n", [2]);
    }

    [Fact]
    public void Of_two_that_look_alike_once_normalized_the_special_one_counts()
    {
        var tokenizer = Load("""{"type":"Lowercase"}""", Token(2, "é", normalized: true), Token(3, "É", normalized: true, special: true));
        Check(tokenizer, "é", [3]);
    }

    // Both ways of encoding: with offsets, and the fast one that gives ids alone.
    private static void Check(Tokenizer tokenizer, string text, int[] expected)
    {
        Assert.Equal(expected, tokenizer.Encode(text).Ids);
        var ids = new List<int>();
        tokenizer.EncodeIds(text, ids);
        Assert.Equal(expected, ids);
    }

    private static Tokenizer Load(string normalizer, params string[] added) => Tokenizer.Parse(Utf8.UTF8.GetBytes(
        $$$"""{"added_tokens":[{{{string.Join(',', added)}}}],"normalizer":{{{normalizer}}},"pre_tokenizer":null,"model":{"type":"WordLevel","vocab":{"?":0,"x":1},"unk_token":"?"}}"""));

    private static string Token(int id, string content, bool leftStrip = false, bool rightStrip = false, bool normalized = false, bool special = false) =>
        $$"""{"id":{{id}},"content":"{{content}}","single_word":false,"lstrip":{{Json(leftStrip)}},"rstrip":{{Json(rightStrip)}},"normalized":{{Json(normalized)}},"special":{{Json(special)}}}""";

    private static string Json(bool value) => value ? "true" : "false";
}
