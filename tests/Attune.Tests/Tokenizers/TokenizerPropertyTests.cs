using Attune.Tokenizers;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Attune.Tests.Tokenizers;

/// <summary>What must hold for every text.</summary>
public sealed class TokenizerPropertyTests
{
    private static readonly string[] Fragments =
    [
        "a", "the ", "Don't", " ", "  ", "\t", "\r\n", "\n", "1", "23", ".", "!?", "'s", "'", "_", "-", "\u00e9", "e\u0301", "\u0301", "\u0130", "\u4e2d\u6587", "\u3042", "\uac00", "\u1112\u1161",
        "\u0e33", "\u05d0", "\ud83d\ude00", "\ud83d\udc69\u200d\ud83d\udcbb", "\ud800", "\udc00", "\0", "\u0007", "\u00ad", "\u00a0", "\u3000", "\u200b", "\ufb01", "\u2581", "``", "''", "\u017f",
        "<mask>", " <mask> ", "[MASK]", "[SEP]", "<s>", "</s>", "<extra_id_7>", "<|endoftext|>", "unbelievable", "HTTP://x.y/z?q=1", "\ufffd", "\u0660", "\u00bd", "\u2167",
    ];

    private static readonly Arbitrary<string> Texts =
        Gen.Elements(Fragments).ListOf().Select(parts => string.Concat(parts)).ToArbitrary();

    public static TheoryData<string> Folders => [.. TokenizerGoldens.Folders];

    [Theory]
    [MemberData(nameof(Folders))]
    public void The_fast_path_gives_the_ids_of_the_full_one(string folder)
    {
        var tokenizer = TokenizerGoldens.Load(folder);
        Check(text =>
        {
            var ids = new List<int> { -7 };
            var count = tokenizer.EncodeIds(text, ids);
            return count == ids.Count - 1 && ids[0] == -7 && ids.Skip(1).SequenceEqual(tokenizer.Encode(text).Ids);
        });
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Offsets_lie_within_the_text_and_columns_are_of_one_length(string folder)
    {
        var tokenizer = TokenizerGoldens.Load(folder);
        Check(text =>
        {
            var length = text.EnumerateRunes().Count();
            var encoding = tokenizer.Encode(text);
            var columns = encoding.Columns;
            return encoding.Offsets.All(o => o.Start >= 0 && o.Start <= o.End && o.End <= length)
                && columns.TypeIds.Length == encoding.Length && columns.Tokens.Length == encoding.Length && columns.WordIds.Length == encoding.Length
                && columns.SequenceIds.Length == encoding.Length && columns.SpecialMask.Length == encoding.Length && columns.AttentionMask.Length == encoding.Length;
        });
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("roberta-bpe")]
    public void Byte_level_ids_decode_to_the_text(string folder)
    {
        var tokenizer = TokenizerGoldens.Load(folder);
        Check(text =>
        {
            // Halves of surrogate pairs have no UTF-8 form, and an added token may take the spaces before it along.
            if (text.Contains("<mask>") || text.EnumerateRunes().Any(r => r == System.Text.Rune.ReplacementChar)) return true;
            return tokenizer.Decode([.. tokenizer.Encode(text, options: new EncodeOptions { AddSpecialTokens = false }).Ids], skipSpecialTokens: false) == text;
        });
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_stream_of_ids_gives_the_text_of_all_of_them(string folder)
    {
        var tokenizer = TokenizerGoldens.Load(folder);
        // The WordPiece decoder and the one for word ends look at the token after; what was given cannot be taken back.
        if (folder is "bert-base-uncased" or "bert-cased-zh" or "openai-gpt-bpe") return;
        Check(text =>
        {
            var ids = tokenizer.Encode(text).Ids.ToArray();
            var stream = new StreamDecoder(tokenizer);
            var streamed = string.Concat(ids.Select(stream.Push)) + stream.Finish();
            return streamed == tokenizer.Decode(ids);
        });
    }

    [Fact]
    public void Threads_do_not_disturb_each_other()
    {
        var tokenizer = TokenizerGoldens.Load("bert-base-uncased");
        var texts = TokenizerGoldens.Lines("bert-base-uncased/cases.jsonl").Where(l => l.TryGetProperty("text", out _)).Select(l => l.GetProperty("text").GetString()!).Take(200).ToArray();
        var expected = texts.Select(t => tokenizer.Encode(t).Ids.ToArray()).ToArray();
        Parallel.For(0, 8, _ =>
        {
            var ids = new List<int>();
            for (var i = 0; i < texts.Length; i++)
            {
                ids.Clear();
                tokenizer.EncodeIds(texts[i], ids);
                Assert.Equal(expected[i], ids);
                Assert.Equal(expected[i], tokenizer.Encode(texts[i]).Ids);
            }
        });
    }

    private static void Check(Func<string, bool> property) =>
        Prop.ForAll(Texts, property).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(200).WithReplay(20_240_607, 1));
}
