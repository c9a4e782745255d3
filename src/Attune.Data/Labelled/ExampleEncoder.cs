using Attune.Data.Rows;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Tokenizers;

namespace Attune.Data.Labelled;

/// <summary>Turns labelled text into examples: the last place that knows text, the first that knows tokens.</summary>
/// <param name="tokenizer">The model's tokenizer.</param>
/// <param name="maxLength">The most tokens of an example, special tokens included; longer texts are cut.</param>
/// <remarks>Works in parallel; the order of the results is that of the data. Safe to use from several threads.</remarks>
public sealed class ExampleEncoder(ITokenizer tokenizer, int maxLength)
{
    private readonly EncodeOptions _cut = new() { Truncation = new Truncation { MaxLength = maxLength } };

    /// <summary>Encodes a text or a pair.</summary>
    public Example Encode(string text, string? pair = null) => ToExample(tokenizer.Encode(text, pair, _cut));

    /// <summary>Encodes a set for classification or regression.</summary>
    public ListExampleSet Encode(LabelledSet set) => new(InOrder(set.Rows, row => Encode(row.Text, row.Pair) with
    {
        Label = row.Label >= 0 ? row.Label : Labels.Ignore,
        Value = row.Value,
    }));

    /// <summary>
    /// Encodes tagged sentences: a word's first token has the word's tag, its other tokens and the special tokens have none.
    /// </summary>
    /// <param name="sentences">The sentences.</param>
    /// <param name="tags">The tags, e.g. those of the training set.</param>
    /// <param name="path">The file the sentences came from, for messages.</param>
    /// <exception cref="AttuneFormatException">A tag that is not among <paramref name="tags"/>; names the line.</exception>
    public ListExampleSet Encode(IReadOnlyList<TaggedSentence> sentences, LabelSet tags, string path)
    {
        int[][] ids = [.. sentences.Select(sentence => TagIds(sentence, tags, path))];
        return new ListExampleSet(InOrder([.. Enumerable.Range(0, ids.Length)], i => EncodeTagged(sentences[i], ids[i])));
    }

    /// <summary>
    /// Encodes questions with their paragraphs. A paragraph that is too long becomes several windows which overlap; a window
    /// without the whole answer has none.
    /// </summary>
    /// <param name="questions">The questions; of several accepted answers the first one is learned.</param>
    /// <param name="stride">By how many tokens neighbouring windows overlap; at most half of what a question leaves of a window.</param>
    /// <exception cref="ArgumentException">A question leaves no room for its paragraph; it is named.</exception>
    public IReadOnlyList<QuestionWindow> Encode(IReadOnlyList<SquadQuestion> questions, int stride = 128)
    {
        QuestionWindow[][] windows = InOrder([.. Enumerable.Range(0, questions.Count)], i => Windows(questions[i], i, stride));
        return [.. windows.SelectMany(window => window)];
    }

    private QuestionWindow[] Windows(SquadQuestion question, int index, int stride)
    {
        // As the second of a pair with nothing in it: the question and every special token.
        int room = maxLength - tokenizer.Encode(question.Question, "").Length;
        if (room < 2)
        {
            throw new ArgumentException(
                $"The question '{question.Id}' leaves {Math.Max(0, room)} of {maxLength} tokens for its paragraph. Allow longer examples, or leave it out.", nameof(question));
        }
        Encoding first = tokenizer.Encode(question.Question, question.Context, new EncodeOptions
        {
            Truncation = new Truncation { MaxLength = maxLength, Strategy = TruncationStrategy.OnlySecond, Stride = Math.Min(stride, room / 2) },
        });
        TextSpan? answer = question.Answers is [SquadAnswer given, ..]
            ? new TextSpan(given.Start, given.Start + CodePoints.Count(given.Text))
            : null;
        string[] accepted = [.. question.Answers.Select(a => a.Text)];
        return [.. first.Overflowing.Prepend(first).Select(Window)];

        QuestionWindow Window(Encoding window)
        {
            var example = new QuestionWindow(
                ToExample(window) with { Span = answer is { } span ? TokensOf(window, span) : null },
                index,
                [.. Enumerable.Range(0, window.Length).Select(i => window.SequenceIds[i] == 1 ? window.Offsets[i] : default)]);
            var key = new AnswerKey(index, accepted, (start, end) => example.TextOf(question.Context, start, end));
            return example with { Example = example.Example with { Key = key } };
        }
    }

    // The tokens of the paragraph that hold the answer; null if the window does not hold all of it.
    private static (int Start, int End)? TokensOf(Encoding window, TextSpan answer)
    {
        int start = -1, end = -1, reachesFrom = int.MaxValue, reachesTo = -1;
        for (int i = 0; i < window.Length; i++)
        {
            if (window.SequenceIds[i] != 1) continue;
            TextSpan token = window.Offsets[i];
            reachesFrom = Math.Min(reachesFrom, token.Start);
            reachesTo = Math.Max(reachesTo, token.End);
            if (token.End <= answer.Start || token.Start >= answer.End) continue;
            if (start < 0) start = i;
            end = i;
        }
        return start >= 0 && reachesFrom <= answer.Start && reachesTo >= answer.End ? (start, end) : null;
    }

    private Example EncodeTagged(TaggedSentence sentence, int[] tagIds)
    {
        Encoding encoding = tokenizer.EncodeWords(sentence.Tokens, null, _cut);
        int[] labels = new int[encoding.Length];
        int? before = null;
        for (int i = 0; i < labels.Length; i++)
        {
            int? word = encoding.WordIds[i];
            labels[i] = word is { } known && word != before ? tagIds[known] : Labels.Ignore;
            before = word;
        }
        return ToExample(encoding) with { TokenLabels = labels };
    }

    private static int[] TagIds(TaggedSentence sentence, LabelSet tags, string path) => [.. sentence.Tags.Select((tag, i) => tags.TryFind(tag, out int id)
        ? id
        : throw new AttuneFormatException(path, $"line {sentence.Line + i}", $"the tag '{tag}'", $"one of {tags}"))];

    private static Example ToExample(Encoding encoding)
    {
        int[] types = [.. encoding.TypeIds];
        return new Example
        {
            Ids = encoding.Ids.ToArray(),
            TypeIds = types.AsSpan().ContainsAnyExcept(0) ? types : ReadOnlyMemory<int>.Empty,
            Special = encoding.SpecialMask.ToArray(),
            Words = Words(encoding),
        };
    }

    // Words count anew in the second text of a pair; examples go on counting.
    private static int[] Words(Encoding encoding)
    {
        int[] words = new int[encoding.Length];
        int inFirst = 0;
        for (int i = 0; i < words.Length; i++)
        {
            int? word = encoding.WordIds[i];
            if (word is { } own && encoding.SequenceIds[i] == 0) inFirst = Math.Max(inFirst, own + 1);
            words[i] = word is null ? -1 : word.Value + (encoding.SequenceIds[i] == 1 ? inFirst : 0);
        }
        return words;
    }

    private static TResult[] InOrder<TItem, TResult>(IReadOnlyList<TItem> items, Func<TItem, TResult> convert)
    {
        TResult[] results = new TResult[items.Count];
        Parallel.For(0, results.Length, i => results[i] = convert(items[i]));
        return results;
    }
}
