using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Parity.Models;

/// <summary>
/// A head that scores each row as start and end of an answer. The reference compares all columns with each other, padding
/// included; a position past the end counts for nothing. The loss is the mean of both.
/// </summary>
/// <param name="head">The head.</param>
/// <param name="starts">The first column of each answer; null if there is no loss.</param>
/// <param name="ends">The last column of each answer.</param>
/// <param name="rows">Where the rows are.</param>
internal sealed class SpanHeadCall(ISpanHead head, int[]? starts, int[]? ends, PaddedRows rows) : IHeadCall
{
    /// <inheritdoc/>
    public bool ReadsPadding => starts is not null && ends is not null && rows.HasPadding;

    /// <inheritdoc/>
    public Tensor? Run(Pass pass, BackboneOutput output, PaddedRows rows, CallOutputs outputs)
    {
        (Tensor start, Tensor end) = head.Logits(pass, output);
        outputs.Add("start_logits", () => rows.Pad(start));
        outputs.Add("end_logits", () => rows.Pad(end));
        if (starts is null || ends is null)
            return null;
        Tensor sum = pass.Tape.Add(Loss(pass, start, starts, rows), Loss(pass, end, ends, rows));
        return pass.Tape.Scale(sum, 0.5f);
    }

    private static Tensor Loss(Pass pass, Tensor logits, int[] positions, PaddedRows rows) => pass.Tape.CrossEntropy(
        logits.Reshape([rows.Sequences, rows.Length]), Array.ConvertAll(positions, p => Math.Clamp(p, 0, rows.Length)), ignore: rows.Length);
}
