using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Ops;
using Attune.Tokenizers;

namespace Attune.Inference;

/// <summary>What may stand at a masked place.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="Token">The token as it reads.</param>
/// <param name="Probability">How likely it is, 0 to 1.</param>
public sealed record MaskCandidate(int Id, string Token, float Probability);

/// <summary>A masked place of a text.</summary>
/// <param name="Position">Its token, counted from 0.</param>
/// <param name="Candidates">What may stand there, the likeliest first.</param>
public sealed record MaskedPosition(int Position, IReadOnlyList<MaskCandidate> Candidates);

/// <summary>Says what is hidden behind the mask tokens of a text, with a masked language model.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class FillMask
{
    private readonly InferenceModel _model;
    private readonly ITokenHead _head;
    private readonly int _mask;

    /// <summary>Makes the pipeline.</summary>
    /// <exception cref="InvalidOperationException">The model has no masked-LM head, or its tokenizer no mask token.</exception>
    public FillMask(InferenceModel model)
    {
        _model = model;
        _head = model.Head<ITokenHead>(HeadKind.MaskedLm);
        _mask = model.Tokenizer.Special.Mask ?? throw new InvalidOperationException("The tokenizer has no mask token, so there is nothing to fill.");
    }

    /// <summary>The mask token, as it has to be written in texts.</summary>
    public string MaskToken => _model.Tokenizer.IdToToken(_mask)!;

    /// <summary>Fills the masks of one text.</summary>
    /// <param name="text">A text with at least one mask token.</param>
    /// <param name="candidates">How many candidates each place gets.</param>
    /// <exception cref="ArgumentException">The text has no mask token, or is too long.</exception>
    public IReadOnlyList<MaskedPosition> Fill(string text, int candidates = 5) => Fill([text], candidates)[0];

    /// <summary>Fills the masks of several texts.</summary>
    /// <param name="texts">Texts with at least one mask token each.</param>
    /// <param name="candidates">How many candidates each place gets.</param>
    /// <exception cref="ArgumentException">A text has no mask token, or is too long.</exception>
    public IReadOnlyList<IReadOnlyList<MaskedPosition>> Fill(IReadOnlyList<string> texts, int candidates = 5)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(candidates);
        Encoding[] encodings = [.. texts.Select(text => _model.Encode(text))];
        int unmasked = Array.FindIndex(encodings, encoding => !encoding.Ids.Contains(_mask));
        if (unmasked >= 0)
            throw new ArgumentException($"Text {unmasked} has no mask token; write {MaskToken} where a word is to be found.", nameof(texts));

        var filled = new List<MaskedPosition>[texts.Count];
        _model.Run(encodings, (pass, output, first) =>
        {
            ReadOnlySpan<int> ids = output.Batch.Ids.Span;
            List<int> rows = [];
            for (int row = 0; row < ids.Length; row++)
            {
                if (ids[row] == _mask)
                    rows.Add(row);
            }
            // Only masked rows are multiplied with the vocabulary; a second stream has no others.
            BackboneOutput masked = output.Batch.Targets is null ? output with { Hidden = pass.Tape.GatherRows(output.Hidden, rows.ToArray()) } : output;
            Tensor probabilities = pass.Tape.Softmax(_head.Logits(pass, masked));
            Segments segments = output.Batch.Segments;
            for (int i = 0, sequence = 0; i < rows.Count; i++)
            {
                while (rows[i] >= segments.Start(sequence) + segments.Length(sequence))
                    sequence++;
                List<MaskedPosition> positions = filled[first + sequence] ??= [];
                positions.Add(new MaskedPosition(rows[i] - segments.Start(sequence), Best(probabilities.DetachedRows(i, 1).Span, candidates)));
            }
        }, _model.Model.Backbone.Capabilities.HasFlag(Capabilities.TwoStream | Capabilities.FreeMask) ? Hide : null);
        return filled;
    }

    // A model with two streams predicts from places; it never saw a mask token, so nobody may see one.
    private TokenBatch Hide(TokenBatch batch)
    {
        ReadOnlySpan<int> ids = batch.Ids.Span;
        List<int> rows = [];
        List<bool> visible = [];
        int[] counts = new int[batch.Segments.Count];
        for (int s = 0; s < counts.Length; s++)
        {
            ReadOnlySpan<int> own = ids.Slice(batch.Segments.Start(s), batch.Segments.Length(s));
            for (int query = 0; query < own.Length; query++)
            {
                if (own[query] == _mask)
                {
                    rows.Add(batch.Segments.Start(s) + query);
                    counts[s]++;
                }
                foreach (int id in own)
                    visible.Add(id != _mask);
            }
        }
        return batch with { PairMask = visible.ToArray(), Targets = new TargetRows(rows.ToArray(), Segments.FromLengths(counts)) };
    }

    private MaskCandidate[] Best(ReadOnlySpan<float> probabilities, int count) =>
        [.. TopValues.Of(probabilities, count).Select(best =>
            new MaskCandidate(best.Index, _model.Tokenizer.Decode([best.Index], skipSpecialTokens: false).Trim(), best.Value))];
}
