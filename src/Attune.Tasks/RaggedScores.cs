using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Tasks;

/// <summary>Scores that compete within groups of different sizes: the rows of each sequence, the choices of each question.</summary>
internal static class RaggedScores
{
    /// <summary>
    /// Arranges scores <c>[rows]</c> as <c>[groups, longest group]</c>, where what is missing can never be chosen, so that one
    /// cross-entropy serves all groups.
    /// </summary>
    public static Tensor Align(Tape tape, Tensor scores, Segments groups)
    {
        int longest = groups.MaxLength, filler = groups.Rows;
        int[] rows = new int[groups.Count * longest];
        for (int g = 0; g < groups.Count; g++)
        {
            for (int i = 0; i < longest; i++)
                rows[g * longest + i] = i < groups.Length(g) ? groups.Start(g) + i : filler;
        }
        Tensor column = tape.Concat(0, scores.Reshape([groups.Rows, 1]), Tensor.From([1, 1], [float.NegativeInfinity]));
        return tape.GatherRows(column, rows).Reshape([groups.Count, longest]);
    }
}
