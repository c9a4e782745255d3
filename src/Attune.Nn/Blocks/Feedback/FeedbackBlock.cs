using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Blocks.Feedback;

/// <summary>
/// Some steps that gradients flow through, after a memory that they do not flow into: what layers keep of what was remembered before (keys and
/// values) is made once, that of each step is added as it ends.
/// </summary>
internal sealed class FeedbackBlock
{
    private readonly FeedbackShape _shape;
    private readonly FeedbackLayer[] _layers;
    private readonly Tensor? _places;
    private readonly int[] _sequences;
    private readonly Dictionary<int, int> _slots;

    // By layer: what it keeps of the memory, then of each step.
    private readonly List<Tensor[]>[] _kept;

    // By step: which sequences ran, and the row of each in the lists above.
    private readonly List<Dictionary<int, int>> _steps = [];
    private readonly List<Tensor[]> _entries = [];
    private int _rows;
    private int[] _active;

    public FeedbackBlock(FeedbackShape shape, FeedbackLayer[] layers, Tensor? places, Tape tape, int[] sequences, FeedbackMemory memory)
    {
        (_shape, _layers, _places, _sequences, _active) = (shape, layers, places, sequences, sequences);
        _slots = sequences.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        _rows = sequences.Length * shape.Span;
        _kept = [.. layers.Select(_ => new List<Tensor[]>())];
        Tensor[] earlier = [.. Enumerable.Range(0, shape.ReadMemories).Select(m => memory.Of(m, sequences))];
        Remember(tape, earlier);
    }

    /// <summary>Runs all layers on one step.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="x">The embedding of each sequence that has such a step.</param>
    /// <param name="active">Those sequences.</param>
    /// <returns>The embedding and the output of every layer.</returns>
    public Tensor[] Step(Pass pass, Tensor x, int[] active)
    {
        Tape tape = pass.Tape;
        _active = active;
        int span = _shape.Span, past = _steps.Count;
        int[] window = new int[active.Length * span], places = new int[window.Length];
        for (int a = 0; a < active.Length; a++)
        {
            for (int place = 0; place < span; place++)
            {
                // The oldest entry is `span` steps back: in the memory as long as this block has fewer steps.
                int step = past - span + place;
                window[a * span + place] = step < 0 ? _slots[active[a]] * span + past + place : _steps[step][active[a]];
                places[a * span + place] = place;
            }
        }
        Tensor? positions = _places is null ? null : tape.GatherRows(_places, places);
        var states = new Tensor[_layers.Length + 1];
        states[0] = x;
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            var rows = new Tensor[_kept[layer][0].Length];
            for (int i = 0; i < rows.Length; i++)
                rows[i] = tape.GatherRows(tape.Concat(0, [.. _kept[layer].Select(kept => kept[i])]), window);
            states[layer + 1] = _layers[layer].Step(pass, states[layer], rows, positions);
        }
        return states;
    }

    /// <summary>Remembers what the step leaves behind, for one memory or for one of each layer.</summary>
    public void Keep(Tape tape, Tensor[] entries)
    {
        Remember(tape, entries);
        _entries.Add(entries);
        int first = _rows;
        _steps.Add(_active.Index().ToDictionary(pair => pair.Item, pair => first + pair.Index));
        _rows += _active.Length;
    }

    /// <summary>
    /// Moves the memory on by the block's steps. As the reference does, with pre-norm it remembers them normalised, and later blocks normalise them again.
    /// </summary>
    public void SaveTo(FeedbackMemory memory, Tape tape)
    {
        // A pass that only measures has no numbers.
        if (tape.Measuring)
            return;
        int before = _sequences.Length * _shape.Span;
        for (int step = 0; step < _steps.Count; step++)
        {
            int first = before;
            Tensor[] entries = [.. _entries[step].Select((entry, m) => _layers[m].Read(tape, entry))];
            foreach ((int sequence, int row) in _steps[step])
            {
                for (int m = 0; m < entries.Length; m++)
                    memory.Add(m, sequence, entries[m].Span.Slice((row - first) * _shape.Width, _shape.Width));
            }
            before += _steps[step].Count;
        }
    }

    private void Remember(Tape tape, Tensor[] entries)
    {
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            _kept[layer].Add(layer > 0 && _shape.SharedKeys
                ? _kept[0][^1]
                : _layers[layer].Remember(tape, entries[entries.Length == 1 ? 0 : layer]));
        }
    }
}
