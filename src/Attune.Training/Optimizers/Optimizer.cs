using System.Globalization;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Kernels;

namespace Attune.Training.Optimizers;

/// <summary>
/// Applies an update rule to groups of parameters and keeps its state. A parameter that got no gradient in a step (frozen, or
/// not reached) is left untouched: no decay, no change of its state.
/// </summary>
/// <remarks>Not thread-safe. State takes memory at a parameter's first update.</remarks>
public sealed class Optimizer
{
    private readonly List<Entry> _entries = [];
    private readonly Dictionary<string, Entry> _byPath = new(StringComparer.Ordinal);

    /// <summary>Makes an optimizer.</summary>
    /// <param name="rule">How a parameter moves.</param>
    /// <param name="groups">What moves, and with which settings.</param>
    /// <exception cref="ArgumentException">A parameter is in two groups.</exception>
    public Optimizer(IUpdateRule rule, IReadOnlyList<ParameterGroup> groups)
    {
        Rule = rule;
        Identity = rule + string.Concat(groups.Select(g => string.Create(
            CultureInfo.InvariantCulture, $"; {g.Parameters.Count} parameters with decay {g.WeightDecay:R} and rate x {g.RateScale:R}")));
        foreach (ParameterGroup group in groups)
        {
            foreach ((string path, Parameter parameter) in group.Parameters)
            {
                var entry = new Entry(path, parameter, group);
                if (!_byPath.TryAdd(path, entry))
                    throw new ArgumentException($"The parameter '{path}' is in two groups.", nameof(groups));
                _entries.Add(entry);
            }
        }
    }

    /// <summary>How a parameter moves.</summary>
    public IUpdateRule Rule { get; }

    /// <summary>The rule, its settings and the groups, in words: what must be the same for a run to be continued.</summary>
    public string Identity { get; }

    /// <summary>The memory of the state, in bytes.</summary>
    public long StateBytes => _entries.Sum(entry => entry.Slots.Sum(slot => slot.Count * sizeof(float)));

    /// <summary>Forgets all gradients: the start of a step.</summary>
    public void ClearGradients()
    {
        foreach (Entry entry in _entries)
            entry.Parameter.Value.ClearGradient();
    }

    /// <summary>The norm of all gradients together: the root of the sum of their squares, added up in an order that never changes.</summary>
    public unsafe double GradientLength()
    {
        double sum = 0;
        foreach (Entry entry in _entries)
        {
            if (entry.Gradient is { } gradient)
                sum += GradientNorm.SumOfSquares(gradient.Pointer, gradient.Count);
        }
        return Math.Sqrt(sum);
    }

    /// <summary>What gradients are to be multiplied with so that their norm does not pass a limit: <c>min(1, limit / (norm + 1e-6))</c>.</summary>
    public static float ClipScale(double norm, double limit) => GradientNorm.ClipScale(norm, limit);

    /// <summary>Updates every parameter that has a gradient.</summary>
    /// <param name="rate">The learning rate of this step.</param>
    /// <param name="gradientScale">What gradients are to be multiplied with first; to clip them.</param>
    public void Step(double rate, float gradientScale = 1)
    {
        foreach (Entry entry in _entries)
        {
            if (entry.Gradient is not { } gradient)
                continue;
            entry.TakeSlots(Rule);
            entry.Steps++;
            ParameterGroup group = entry.Group;
            Rule.Update(entry.Parameter.Value, gradient, entry.Slots, new UpdateSettings(entry.Steps, rate * group.RateScale, group.WeightDecay, gradientScale));
            entry.Parameter.KeepInRange();
        }
    }

    /// <summary>The state of every parameter that has been updated, in the order of the groups.</summary>
    internal IEnumerable<ParameterState> State =>
        _entries.Where(entry => entry.Steps > 0).Select(entry => new ParameterState(entry.Path, entry.Steps, entry.Named(Rule)));

    /// <summary>Forgets all state, as if no step had been made.</summary>
    internal void Reset()
    {
        foreach (Entry entry in _entries)
        {
            entry.Steps = 0;
            foreach (Tensor slot in entry.Slots)
                slot.Fill(0);
        }
    }

    /// <summary>Sets how many updates a parameter has had and gives its slots to be filled; null if there is no such parameter.</summary>
    internal ParameterState? Restore(string path, long steps)
    {
        if (!_byPath.TryGetValue(path, out Entry? entry))
            return null;
        entry.TakeSlots(Rule);
        entry.Steps = steps;
        return new ParameterState(path, steps, entry.Named(Rule));
    }

    /// <summary>What is kept for one parameter.</summary>
    internal sealed record ParameterState(string Path, long Steps, IReadOnlyList<(string Name, Tensor Tensor)> Slots);

    private sealed class Entry(string path, Parameter parameter, ParameterGroup group)
    {
        // A view of a gradient is an object; made anew for every parameter in every step they would add up.
        private Tensor? _gradient;
        private Tensor? _gradientOf;

        public string Path => path;

        public Parameter Parameter => parameter;

        public ParameterGroup Group => group;

        public long Steps { get; set; }

        public Tensor[] Slots { get; private set; } = [];

        /// <summary>This step's gradient; null if the parameter is frozen or none has arrived.</summary>
        public Tensor? Gradient
        {
            get
            {
                Tensor value = parameter.Value;
                if (value is not { RequiresGradient: true, Gradient.Written: true })
                    return null;
                if (!ReferenceEquals(_gradientOf, value))
                    (_gradientOf, _gradient) = (value, value.Grad);
                return _gradient;
            }
        }

        private bool HasSlots { get; set; }

        public void TakeSlots(IUpdateRule rule)
        {
            if (HasSlots)
                return;
            Slots = [.. rule.Slots(parameter.Shape).Select(slot => Tensor.Zeros(slot.Shape))];
            HasSlots = true;
        }

        public IReadOnlyList<(string Name, Tensor Tensor)> Named(IUpdateRule rule) =>
            [.. rule.Slots(parameter.Shape).Select((slot, i) => (slot.Name, Slots[i]))];
    }
}
