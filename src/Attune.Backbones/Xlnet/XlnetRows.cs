using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Backbones.Xlnet;

/// <summary>
/// Both streams for mixers that know but one: the rows that are to predict stand behind those of their sequence, and a mask of pairs hides them
/// from all but themselves.
/// </summary>
/// <param name="batch">The rows, with a mask of pairs or with targets.</param>
/// <param name="shape">What the model is like.</param>
internal sealed class XlnetRows(TokenBatch batch, XlnetShape shape)
{
    /// <summary>Runs a stack.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="x">All rows of the first stream, then all of the second.</param>
    /// <param name="stack">Its mixers leave out single pairs.</param>
    /// <returns>The rows in the same order.</returns>
    public Tensor Forward(Pass pass, Tensor x, Stack stack)
    {
        int[] lengths = new int[batch.Segments.Count], order = new int[x.Shape[0]], back = new int[x.Shape[0]];
        int next = 0;
        for (int s = 0; s < lengths.Length; s++)
        {
            int targets = Targets(s);
            lengths[s] = batch.Segments.Length(s) + targets;
            for (int i = 0; i < lengths[s]; i++, next++)
            {
                int row = i < batch.Segments.Length(s)
                    ? batch.Segments.Start(s) + i
                    : batch.Rows + batch.Targets!.Segments.Start(s) + i - batch.Segments.Length(s);
                (order[next], back[row]) = (row, next);
            }
        }
        var all = Segments.FromLengths(lengths);
        var context = new MixerContext(all) { PairMask = new PairMask(Visible(all), all) };
        return pass.Tape.GatherRows(stack.Forward(pass, pass.Tape.GatherRows(x, order), context), back);
    }

    private bool[] Visible(Segments all)
    {
        var sees = new XlnetVisibility(batch, shape);
        bool[] visible = new bool[Enumerable.Range(0, all.Count).Sum(s => all.Length(s) * all.Length(s))];
        for (int s = 0, at = 0; s < all.Count; s++)
        {
            int content = batch.Segments.Length(s), start = batch.Segments.Start(s);
            for (int query = 0; query < all.Length(s); query++)
            {
                bool target = query >= content;
                int row = target ? batch.Targets!.Rows.Span[batch.Targets.Segments.Start(s) + query - content] : start + query;
                for (int key = 0; key < all.Length(s); key++, at++)
                {
                    int distance = Place(s, row) - (key < content ? Place(s, start + key) : 0);
                    visible[at] = key >= content ? key == query : target ? sees.OfTarget(s, row, key, distance) : sees.OfContent(s, row, key, distance);
                }
            }
        }
        return visible;
    }

    private int Targets(int sequence) => batch.Targets?.Segments.Length(sequence) ?? 0;

    private int Place(int sequence, int row) => batch.Positions?.Span[row] ?? row - batch.Segments.Start(sequence);
}
