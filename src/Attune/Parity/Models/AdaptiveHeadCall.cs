using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Parity.Comparison;
using Attune.Tensors;

namespace Attune.Parity.Models;

/// <summary>
/// An adaptive softmax: the reference gives logarithms of probabilities, or with labels the losses of single tokens: cluster after cluster, then
/// zeros for those without a label.
/// </summary>
/// <param name="head">The head.</param>
/// <param name="labels">The token of each cell, which the cell before predicts; null if there is no loss.</param>
/// <param name="config">The configuration, which says where the clusters end.</param>
internal sealed class AdaptiveHeadCall(ITokenHead head, int[]? labels, JsonFields config) : IHeadCall
{
    /// <inheritdoc/>
    public bool ReadsPadding => false;

    /// <inheritdoc/>
    public Tensor? Run(Pass pass, BackboneOutput output, PaddedRows rows, CallOutputs outputs)
    {
        Tensor logits = head.Logits(pass, output);
        outputs.Add("log_probs", () => rows.Pad(logits));
        outputs.Add("prediction_scores", () => rows.Pad(logits));
        outputs.Add("logits", () => rows.Pad(logits));
        if (labels is null)
            return null;
        int[] next = new int[labels.Length];
        // The reference does not let the first sequence go without any label.
        if (labels[1..rows.Length].All(label => label == Labels.Ignore))
            labels[1] = config.Int("eos_token_id", 0);
        for (int cell = 0; cell < labels.Length; cell++)
            next[cell] = (cell + 1) % rows.Length == 0 ? Labels.Ignore : labels[cell + 1];
        outputs.Add("losses", () => Losses(rows.Pad(logits), next, rows));
        return head.Loss(pass, output, rows.Rows(next));
    }

    private ComparedValues Losses(ComparedValues scores, int[] next, PaddedRows rows)
    {
        int vocabulary = scores.Shape[^1];
        IReadOnlyList<int> cutoffs = config.IntArrayOrNull("cutoffs") ?? [];
        float[] losses = [.. Enumerable.Range(0, next.Length)
            .Where(cell => next[cell] != Labels.Ignore)
            .OrderBy(cell => cutoffs.Count(cutoff => next[cell] >= cutoff))
            .Select(cell => -scores.Values[cell * vocabulary + next[cell]])];
        Array.Resize(ref losses, rows.Sequences * (rows.Length - 1));
        return new ComparedValues([rows.Sequences, rows.Length - 1], losses);
    }
}
