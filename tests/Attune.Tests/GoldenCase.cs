using System.Text.Json;
using Attune.Formats;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Attune.Tests.Architecture;
using Xunit;

namespace Attune.Tests;

/// <summary>
/// A reference case below <c>tests/Goldens</c> that has no model: named inputs, the outputs and gradients that the reference computed, and
/// how near one must come.
/// </summary>
internal sealed class GoldenCase : IDisposable
{
    private readonly SafetensorsFile _expected;
    private readonly JsonDocument _description;
    private readonly string _name;

    private GoldenCase(string name)
    {
        string folder = Path.Combine(Repository.Root, "tests", "Goldens", name);
        _name = name;
        _description = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "case.json")));
        _expected = SafetensorsFile.Open(Path.Combine(folder, "expected.safetensors"));
    }

    /// <summary>What <c>case.json</c> says.</summary>
    public JsonElement Description => _description.RootElement;

    /// <summary>The arguments of the operation.</summary>
    public JsonElement Arguments => Description.GetProperty("args");

    /// <summary>The names of all tensors that begin with <paramref name="prefix"/>, without it.</summary>
    public IEnumerable<string> Names(string prefix) =>
        _expected.Tensors.Select(t => t.Name).Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).Select(n => n[prefix.Length..]);

    /// <summary>Opens <c>tests/Goldens/[name]</c>.</summary>
    public static GoldenCase Open(string name) => new(name);

    /// <summary>The names of all cases of a folder, such as <c>layers</c>.</summary>
    public static IEnumerable<string> In(string folder) =>
        Directory.GetDirectories(Path.Combine(Repository.Root, "tests", "Goldens", folder)).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal);

    /// <summary>Whether there is a tensor of this full name, such as <c>input.x</c>.</summary>
    public bool Has(string name) => _expected.TryGet(name, out _);

    /// <summary>A tensor by its full name, as a copy that can be trained.</summary>
    public Tensor Tensor(string name)
    {
        StoredTensor stored = _expected.Get(name);
        return Attune.Tensors.Tensor.From(Shape.Of(stored.Shape.AsSpan()), stored.ToFloat32(), requiresGradient: true);
    }

    /// <summary>Integers by their full name.</summary>
    public int[] Integers(string name) => _expected.Get(name).ToInt32();

    /// <summary>Compares as <c>tests/Goldens</c> asks: max |a - b| at most tolerance * max(max |b|, 0.01).</summary>
    /// <param name="kind">Which tolerance: <c>output</c>, <c>grad</c> or <c>train</c>.</param>
    /// <param name="name">The full name of what is expected.</param>
    /// <param name="found">What was computed.</param>
    public void Check(string kind, string name, Tensor? found)
    {
        Assert.True(found is not null, $"{_name}: there is no {name}.");
        StoredTensor stored = _expected.Get(name);
        Assert.Equal(Shape.Of(stored.Shape.AsSpan()).Count, found.Count);
        float[] expected = stored.ToFloat32(), actual = found.ToArray();
        double limit = Description.GetProperty("tolerances").GetProperty(kind).GetDouble()
            * Math.Max(0.01, expected.Where(float.IsFinite).Select(v => (double)Math.Abs(v)).DefaultIfEmpty(0).Max());
        for (int i = 0; i < expected.Length; i++)
        {
            bool near = float.IsFinite(expected[i]) ? Math.Abs((double)actual[i] - expected[i]) <= limit : actual[i].Equals(expected[i]);
            Assert.True(near, $"{_name} on {Isa.Current}: {name}[{i}] is {actual[i]}, expected {expected[i]} within {limit}.");
        }
    }

    /// <summary>
    /// Runs an operation on every instruction set, checks all its outputs, and the gradients of the sum of y * grad_output over all outputs
    /// (or, without such, of the first output) towards all inputs that have one.
    /// </summary>
    /// <param name="operation">From named inputs to the outputs by name; the first is differentiated if none has a <c>grad_output</c>.</param>
    public void CheckOperation(Func<Tape, Func<string, Tensor>, (string Name, Tensor Value)[]> operation)
    {
        var tape = new Tape();
        foreach (InstructionSet set in Isa.Available)
        {
            using var scope = Isa.Force(set);
            var inputs = new Dictionary<string, Tensor>();
            tape.Begin(recording: true, training: true);
            (string Name, Tensor Value)[] outputs = operation(tape, Input);
            foreach ((string name, Tensor value) in outputs)
                Check("output", "output." + name, value);
            Assert.Equal(Names("output.").Order(StringComparer.Ordinal), outputs.Select(o => o.Name).Order(StringComparer.Ordinal));

            tape.Backward(Objective(tape, outputs));
            foreach (string name in Names("grad."))
                Check("grad", "grad." + name, inputs.GetValueOrDefault(name)?.Grad);

            Tensor Input(string name)
            {
                if (!inputs.TryGetValue(name, out Tensor? tensor))
                    inputs[name] = tensor = Has("grad." + name) ? Tensor("input." + name) : Tensor("input." + name).Detach();
                return tensor;
            }
        }
    }

    // The sum over all outputs of y * grad_output, or the loss where there is no such thing.
    private Tensor Objective(Tape tape, (string Name, Tensor Value)[] outputs)
    {
        Tensor? objective = null;
        foreach ((string name, Tensor value) in outputs)
        {
            if (!Has("input.grad_output." + name))
                continue;
            Tensor term = tape.Sum(tape.Multiply(value, Tensor("input.grad_output." + name).Detach().Reshape(value.Shape)));
            objective = objective is null ? term : tape.Add(objective, term);
        }
        return objective ?? outputs[0].Value;
    }

    public void Dispose()
    {
        _expected.Dispose();
        _description.Dispose();
    }
}
