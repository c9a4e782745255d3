using Attune.Nn.Contracts;
using Attune.Tasks;
using Attune.Tensors;
using Attune.Tokenizers;

namespace Attune.Inference;

/// <summary>The part of a text that answers a question.</summary>
/// <param name="Text">The part.</param>
/// <param name="Score">How likely it is within its window, 0 to 1.</param>
/// <param name="Span">Where it stands in the text, in code points.</param>
public sealed record Answer(string Text, float Score, TextSpan Span);

/// <summary>Finds the part of a text that answers a question. A text longer than the model is read in overlapping windows.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class QuestionAnswerer
{
    private readonly InferenceModel _model;
    private readonly ISpanHead _head;

    /// <summary>Makes the pipeline.</summary>
    /// <exception cref="InvalidOperationException">The model has no question answering head.</exception>
    public QuestionAnswerer(InferenceModel model)
    {
        _model = model;
        _head = model.Head<ISpanHead>(HeadKind.QuestionAnswering);
    }

    /// <summary>The longest answer, in tokens.</summary>
    public int MaxAnswerTokens { get; init; } = 30;

    /// <summary>How many tokens of a long text each window repeats of the one before it, at most.</summary>
    public int Overlap { get; init; } = 128;

    /// <summary>Answers one question from a text.</summary>
    /// <param name="question">The question.</param>
    /// <param name="context">The text.</param>
    /// <exception cref="ArgumentException">The text is empty, or the question alone fills the model.</exception>
    public Answer Ask(string question, string context)
    {
        IReadOnlyList<Encoding> windows = Windows(question, context);
        var found = new (int Start, int End, float Score)?[windows.Count];
        _model.Run(windows, (pass, output, first) =>
        {
            (Tensor starts, Tensor ends) = _head.Logits(pass, output);
            Segments segments = output.Batch.Segments;
            for (int s = 0; s < segments.Count; s++)
            {
                ReadOnlySpan<float> start = starts.Span.Slice(segments.Start(s), segments.Length(s));
                ReadOnlySpan<float> end = ends.Span.Slice(segments.Start(s), segments.Length(s));
                found[first + s] = Best(windows[first + s], start, end);
            }
        });
        int best = -1;
        for (int window = 0; window < found.Length; window++)
        {
            if (found[window] is { } next && !(best >= 0 && found[best]!.Value.Score >= next.Score))
                best = window;
        }
        if (best < 0)
            throw new ArgumentException("The text holds no token that could be an answer.", nameof(context));
        (int Start, int End, float Score) answer = found[best]!.Value;
        IReadOnlyList<TextSpan> offsets = windows[best].Offsets;
        var span = new TextSpan(offsets[answer.Start].Start, offsets[answer.End].End);
        return new Answer(span.In(context), answer.Score, span);
    }

    private IReadOnlyList<Encoding> Windows(string question, string context)
    {
        var whole = new EncodeOptions { Padding = new Padding(), Truncation = new Truncation { MaxLength = int.MaxValue } };
        Encoding encoding = _model.Tokenizer.Encode(question, context, whole);
        if (!(encoding.Length > _model.MaxLength))
            return [encoding];
        int room = _model.MaxLength.Value - encoding.SequenceIds.Count(id => id != 1);
        if (room < 2)
            throw new ArgumentException($"The question leaves {room} of the model's {_model.MaxLength} tokens for the text; shorten it.", nameof(question));
        Encoding cut = _model.Tokenizer.Encode(question, context, whole with
        {
            Truncation = new Truncation
            {
                MaxLength = _model.MaxLength.Value,
                Strategy = TruncationStrategy.OnlySecond,
                Stride = Math.Min(Overlap, room / 2),
            },
        });
        return [cut, .. cut.Overflowing];
    }

    // Only tokens of the text can answer; the score is the product of both probabilities among those.
    private (int Start, int End, float Score)? Best(Encoding window, ReadOnlySpan<float> start, ReadOnlySpan<float> end)
    {
        bool[] allowed = [.. window.SequenceIds.Select(id => id == 1)];
        if (SpanAnswers.Read(start, end, allowed, MaxAnswerTokens, count: 1).Spans is not [var best, ..])
            return null;
        double logarithm = best.Score - LogSumExp(start, allowed) - LogSumExp(end, allowed);
        return (best.Start, best.End, (float)Math.Exp(logarithm));
    }

    private static double LogSumExp(ReadOnlySpan<float> scores, bool[] allowed)
    {
        float largest = float.NegativeInfinity;
        for (int i = 0; i < scores.Length; i++)
            largest = allowed[i] ? Math.Max(largest, scores[i]) : largest;
        double sum = 0;
        for (int i = 0; i < scores.Length; i++)
            sum += allowed[i] ? Math.Exp(scores[i] - largest) : 0;
        return largest + Math.Log(sum);
    }
}
