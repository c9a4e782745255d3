using Attune.Inference;
using Attune.Nn.Contracts;
using Attune.Tokenizers;
using Xunit;

namespace Attune.Tests.Inference;

/// <summary>Pipelines over small models: what they answer follows from the texts alone, however these are batched.</summary>
public sealed class PipelineTests : IDisposable
{
    private static readonly string[] Texts = ["the stream is closed .", "the file", "a reader reads lines .", "is the file open ?"];

    private readonly string _folder = Directory.CreateTempSubdirectory("attune-pipelines-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Masks_are_filled_where_they_stand()
    {
        TinyModels.SaveBert(_folder, "BertForMaskedLM", new HeadRequest(HeadKind.MaskedLm));
        FillMask fill = Pipelines.FillMask(_folder);
        Assert.Equal("[MASK]", fill.MaskToken);
        IReadOnlyList<IReadOnlyList<MaskedPosition>> both = fill.Fill(["the [MASK] is [MASK] .", "a [MASK]"], candidates: 3);
        Assert.Equal([2, 4], both[0].Select(p => p.Position));
        Assert.Equal([2], both[1].Select(p => p.Position));
        Assert.All(both[0], p => Assert.Equal(p.Candidates.OrderByDescending(c => c.Probability), p.Candidates));
        Assert.Equal(3, both[0][0].Candidates.Count);
        Assert.Equal(both[1][0].Candidates.Select(c => c.Id), fill.Fill("a [MASK]", candidates: 3)[0].Candidates.Select(c => c.Id));
        IReadOnlyList<MaskCandidate> all = fill.Fill("a [MASK]", candidates: 1000)[0].Candidates;
        Assert.Equal(TinyModels.Words.Length, all.Count);
        Assert.Equal(1, all.Sum(c => c.Probability), 1e-5);
        Assert.Contains("[MASK]", Assert.Throws<ArgumentException>(() => fill.Fill("nothing hidden")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Classes_have_their_names_and_do_not_depend_on_batching()
    {
        TinyModels.SaveBert(_folder, "BertForSequenceClassification", new HeadRequest(HeadKind.SequenceClassification, 3), "red", "green", "blue");
        TextClassifier classifier = Pipelines.TextClassifier(_folder);
        TextClassifier small = Pipelines.TextClassifier(_folder, new InferenceOptions { MaxTokensPerBatch = 6 });
        IReadOnlyList<Classification> together = classifier.Classify(Texts), apart = small.Classify(Texts);
        for (int i = 0; i < Texts.Length; i++)
        {
            Assert.Equal(["blue", "green", "red"], together[i].Scores.Select(s => s.Label).Order());
            Assert.Equal(1, together[i].Scores.Sum(s => s.Score), 1e-5);
            Assert.Equal(together[i].Label, apart[i].Label);
            Assert.Equal(together[i].Score, apart[i].Score, 1e-5f);
            Assert.Equal(together[i].Score, classifier.Classify(Texts[i]).Score, 1e-5f);
        }
        Assert.NotEqual(classifier.Classify("the file", "is open").Score, classifier.Classify("the file is open").Score);
    }

    [Fact]
    public async Task Many_threads_may_ask_at_once()
    {
        TinyModels.SaveBert(_folder, "BertForSequenceClassification", new HeadRequest(HeadKind.SequenceClassification), "no", "yes");
        TextClassifier classifier = Pipelines.TextClassifier(_folder);
        float[] alone = [.. Texts.Select(text => classifier.Classify(text).Score)];
        float[][] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            Task.Run(() => Texts.Select(text => classifier.Classify(text).Score).ToArray(), TestContext.Current.CancellationToken)));
        Assert.All(answers, answer => Assert.Equal(alone, answer));
    }

    [Fact]
    public void Tokens_are_tagged_where_they_stand()
    {
        TinyModels.SaveBert(_folder, "BertForTokenClassification", new HeadRequest(HeadKind.TokenClassification, 3), "O", "B-X", "I-X");
        TokenClassifier classifier = Pipelines.TokenClassifier(_folder);
        IReadOnlyList<TaggedToken> tokens = classifier.Tag("the stream is closed");
        Assert.Equal(["the", "stream", "is", "closed"], tokens.Select(t => t.Token));
        Assert.Equal(new TextSpan(4, 10), tokens[1].Span);
        Assert.All(classifier.FindEntities("the stream is closed"), entity =>
        {
            Assert.Equal("X", entity.Label);
            Assert.Equal("the stream is closed"[entity.Span.Start..entity.Span.End], entity.Text);
        });
    }

    [Fact]
    public void Answers_come_from_the_text_even_if_it_takes_several_windows()
    {
        TinyModels.SaveBert(_folder, "BertForQuestionAnswering", new HeadRequest(HeadKind.QuestionAnswering));
        QuestionAnswerer answerer = Pipelines.QuestionAnswerer(_folder);
        string context = string.Join(' ', Enumerable.Repeat("the stream is closed . a reader reads lines .", 6));
        Answer answer = answerer.Ask("is the file open ?", context);
        Assert.Equal(context[answer.Span.Start..answer.Span.End], answer.Text);
        Assert.InRange(answer.Score, 0, 1);
        // Windows of the text that have a pass of their own are compared as those of one pass are.
        Answer apart = Pipelines.QuestionAnswerer(_folder, new InferenceOptions { MaxTokensPerBatch = 1 }).Ask("is the file open ?", context);
        Assert.Equal(answer.Span, apart.Span);
        Assert.Equal(answer.Score, apart.Score, 1e-5f);
        Assert.Contains("question", Assert.Throws<ArgumentException>(() => answerer.Ask(context, "the file")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_longer_than_the_model_is_refused_or_cut()
    {
        TinyModels.SaveBert(_folder, "BertForSequenceClassification", new HeadRequest(HeadKind.SequenceClassification), "no", "yes");
        string text = string.Join(' ', Enumerable.Repeat("stream", 30));
        string message = Assert.Throws<ArgumentException>(() => Pipelines.TextClassifier(_folder).Classify(text)).Message;
        Assert.Contains("32 tokens", message, StringComparison.Ordinal);
        Assert.Contains("at most 24", message, StringComparison.Ordinal);
        TextClassifier cutting = Pipelines.TextClassifier(_folder, new InferenceOptions { TooLong = TooLong.Truncate });
        Assert.Equal(cutting.Classify(string.Join(' ', Enumerable.Repeat("stream", 22))).Score, cutting.Classify(text).Score, 1e-6f);
    }

    [Fact]
    public void A_pipeline_needs_its_head()
    {
        TinyModels.SaveBert(_folder, "BertForMaskedLM", new HeadRequest(HeadKind.MaskedLm));
        Assert.Contains("masked-lm", Assert.Throws<InvalidOperationException>(() => Pipelines.TextClassifier(_folder)).Message, StringComparison.Ordinal);
    }
}
