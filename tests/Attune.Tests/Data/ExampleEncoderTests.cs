using Attune.Data.Labelled;
using Attune.Data.Rows;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Tests.Formats;
using Attune.Tokenizers;
using Xunit;

namespace Attune.Tests.Data;

public sealed class ExampleEncoderTests : IDisposable
{
    private const int Cls = 2, Sep = 3;

    private readonly TemporaryFolder _folder = new();
    private readonly Tokenizer _tokenizer;

    public ExampleEncoderTests()
    {
        // [PAD] 0, [UNK] 1, [CLS] 2, [SEP] 3, [MASK] 4, a 5, b 6, c 7, ##b 8, who 9, ? 10
        _folder.Write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\n##b\nwho\n?\n");
        _folder.Write("tokenizer_config.json", "{\"tokenizer_class\": \"BertTokenizer\", \"do_lower_case\": true}");
        _tokenizer = Tokenizer.LoadFolder(_folder.Path);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void PairsHaveTypesSpecialsAndWords()
    {
        Example example = new ExampleEncoder(_tokenizer, 10).Encode("a ab", "c b");
        Assert.Equal([Cls, 5, 5, 8, Sep, 7, 6, Sep], example.Ids.ToArray());
        Assert.Equal([0, 0, 0, 0, 0, 1, 1, 1], example.TypeIds.ToArray());
        Assert.Equal([true, false, false, false, true, false, false, true], example.Special.ToArray());
        Assert.Equal([-1, 0, 1, 1, -1, 2, 3, -1], example.Words.ToArray());
        Assert.Empty(new ExampleEncoder(_tokenizer, 10).Encode("a").TypeIds.ToArray());
    }

    [Fact]
    public void LabelledSetsKeepOrderAndLabelsAndAreCut()
    {
        LabelledText[] rows = [.. Enumerable.Range(0, 50).Select(i => new LabelledText(i % 2 == 0 ? "a a a a a" : "b", null, i % 3 - 1, i, ""))];
        ListExampleSet set = new ExampleEncoder(_tokenizer, 4).Encode(new LabelledSet(rows, new LabelSet("x", "y")));
        Assert.Equal(50, set.Count);
        Assert.Equal([Cls, 5, 5, Sep], set.Get(0).Ids.ToArray());
        Assert.Equal([Cls, 6, Sep], set.Get(49).Ids.ToArray());
        Assert.Equal([Labels.Ignore, 0, 1, Labels.Ignore], Enumerable.Range(0, 4).Select(i => set.Get(i).Label));
        Assert.Equal(7, set.Get(7).Value);
    }

    [Fact]
    public void OnlyTheFirstTokenOfAWordHasItsTag()
    {
        LabelSet tags = new("O", "B-X");
        TaggedSentence sentence = new(1, ["ab", "c", "abb"], ["B-X", "O", "B-X"]);
        Example example = new ExampleEncoder(_tokenizer, 7).Encode([sentence], tags, "train.conll").Get(0);
        const int none = Labels.Ignore;
        Assert.Equal([Cls, 5, 8, 7, 5, 8, Sep], example.Ids.ToArray());
        Assert.Equal([none, 1, none, 0, 1, none, none], example.TokenLabels.ToArray());
        AttuneFormatException e = Assert.Throws<AttuneFormatException>(() => new ExampleEncoder(_tokenizer, 7).Encode([sentence with { Line = 10 }], new LabelSet("B-X"), "train.conll"));
        Assert.All(["train.conll", "line 11", "'O'"], part => Assert.Contains(part, e.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void AnswersAreFoundInTheWindowsThatHoldThem()
    {
        const string context = "𝕏 a ab c b";
        SquadQuestion question = new("1", "", context, "who ?", [new SquadAnswer("ab c", 4)], false);
        SquadQuestion impossible = new("2", "", context, "who ?", [], true);
        ExampleEncoder encoder = new(_tokenizer, 20);
        IReadOnlyList<QuestionWindow> windows = encoder.Encode([question, impossible]);
        Assert.Equal([0, 1], windows.Select(window => window.Question));
        // [CLS] who ? [SEP] [UNK] a a ##b c b [SEP]
        Assert.Equal((6, 8), windows[0].Example.Span);
        Assert.Equal("ab c", windows[0].TextOf(context, 6, 8));
        Assert.Equal("", windows[0].TextOf(context, 0, 0));
        Assert.Null(windows[1].Example.Span);
    }

    [Fact]
    public void LongParagraphsBecomeOverlappingWindows()
    {
        SquadQuestion question = new("1", "", "a b c a b c a ab", "who", [new SquadAnswer("ab", 14)], false);
        IReadOnlyList<QuestionWindow> windows = new ExampleEncoder(_tokenizer, 7).Encode([question], stride: 1);
        Assert.True(windows.Count > 2);
        Assert.All(windows, window => Assert.True(window.Example.Ids.Length <= 7));
        Assert.Null(windows[0].Example.Span);
        QuestionWindow last = windows[^1];
        Assert.NotNull(last.Example.Span);
        Assert.Equal("ab", last.TextOf(question.Context, last.Example.Span.Value.Start, last.Example.Span.Value.End));
        Assert.Equal("ab", last.Example.Key!.TextOf(last.Example.Span.Value.Start, last.Example.Span.Value.End));
        Assert.Equal(["ab"], last.Example.Key.Accepted);
    }

    [Fact]
    public void ALongQuestionLeavesShorterOverlapsAndATooLongOneIsNamed()
    {
        SquadQuestion question = new("q 7", "", "a b c a b c a ab", "who a b c", [], true);
        Assert.True(new ExampleEncoder(_tokenizer, 10).Encode([question], stride: 128).Count > 2);
        Assert.Contains("'q 7'", Assert.ThrowsAny<Exception>(() => new ExampleEncoder(_tokenizer, 7).Encode([question])).ToString(), StringComparison.Ordinal);
    }
}
