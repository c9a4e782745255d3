using Attune.Analysis;
using Attune.Backbones;
using Attune.Backbones.Folders;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Parity.Comparison;
using Attune.Parity.Models;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Parity.Layouts;

/// <summary>
/// A classifier whose heads are measured, gated and pruned: <c>heads_to_prune</c> in its configuration, <c>output.head_importance</c> and what
/// follows beside the usual files.
/// </summary>
/// <param name="families">The families whose models can be run.</param>
internal sealed class HeadPruningLayout(IReadOnlyList<IFamily> families) : ICaseLayout
{
    private const string Heads = "heads_to_prune";

    /// <inheritdoc/>
    public bool Recognises(CaseFolder folder) => folder.Case?.StringOrNull("family") == "head_pruning" && folder.Has(ModelFolder.ConfigName);

    /// <inheritdoc/>
    public IEnumerable<Func<ParityResult>> Cases(CaseFolder folder)
    {
        yield return CaseRun.OfTensors(folder, "head pruning", () => null, comparison =>
        {
            (JsonFields config, IFamily family) = ModelFolder.ReadConfig(folder.Path, families);
            using var tensors = GoldenTensors.Open(folder.File(CaseFolder.ExpectedName));
            HeadRequest head = new(HeadKind.SequenceClassification, ModelFolder.ClassesOf(config));
            Model model = ModelFolder.Load(folder.Path, config, family, new LoadOptions { Heads = [head] }).Model;
            var arguments = new CaseArguments(tensors, folder.Case!);
            TokenInput ids = TokenInput.Read(arguments);
            PaddedRows rows = TokenArguments.Rows(arguments, ids.Shape, "attention_mask");
            var call = new Call(TokenArguments.Batch(arguments, ids, rows, family, config), arguments.Get("labels").ToInt32(), rows);
            arguments.RequireAllRead();
            HashSet<string> compared = [];
            foreach ((string name, ComparedValues values) in Outputs(model, family, config, call, tensors))
            {
                if (tensors.Find("output." + name) is not { } expected)
                    continue;
                compared.Add(name);
                comparison.Compare(NumberKind.Output, expected, values);
            }
            foreach (string name in tensors.Names("output.").Where(name => name != "head_gate" && !compared.Contains(name)))
                comparison.Fail(NumberKind.Output, "output." + name, "Attune's call gives no output of this name");
        });
    }

    private static IEnumerable<(string Name, ComparedValues Values)> Outputs(
        Model model, IFamily family, JsonFields config, Call call, GoldenTensors tensors)
    {
        AttentionShape[] attentions = HeadImportance.AttentionsOf(model);
        foreach (var output in call.Answers(model, "", null))
            yield return output;
        StoredTensor gate = tensors.Get("output.head_gate");
        int heads = gate.Shape[1];
        float[] gates = gate.ToFloat32();
        foreach (var output in call.Answers(model, "gated.", [.. attentions.Select((_, block) => HeadImportance.Gates(gates.AsSpan(block * heads, heads).ToArray()))]))
            yield return output;

        float[][] slopes = HeadImportance.Slopes(new Tape(), attentions, 1, pass => call.Loss(pass, model));
        yield return ("head_gate_gradient", Matrix(slopes));
        double[][] importance = [.. attentions.Select(attention => new double[attention.Heads])];
        // The loss is the mean of the sequences' own.
        foreach ((int block, float[] rows) in HeadImportance.Slopes(new Tape(), attentions, call.Labels.Length, pass => call.Loss(pass, model)).Index())
        {
            for (int i = 0; i < rows.Length; i++)
                importance[block][i % heads] += Math.Abs(rows[i]);
        }
        var measured = new HeadImportance(importance);
        yield return ("head_importance", Matrix(measured));
        yield return ("head_importance_layer_normalised", Matrix(measured.Normalised()));
        yield return ("one_head_removed.loss", Matrix(attentions.Select((_, block) =>
            Enumerable.Range(0, heads).Select(head => call.LossWithout(model, attentions, block, head)).ToArray()).ToArray()));

        JsonFields chosen = config.Child(Heads);
        Model pruned = HeadPruner.Prune(model, family, chosen.Keys.ToDictionary(
            key => int.Parse(key, System.Globalization.CultureInfo.InvariantCulture), key => chosen.IntArray(key)));
        foreach (var output in call.Answers(pruned, "pruned.", null).Where(output => !output.Name.Contains("attentions", StringComparison.Ordinal)))
            yield return output;
        foreach ((string name, Nn.Parameters.Parameter parameter) in pruned.NamedParameters())
        {
            if (tensors.Find("output.pruned." + name) is not null)
                yield return ("pruned." + name, new ComparedValues(parameter.Shape.ToArray(), parameter.Value.ToArray()));
        }
    }

    private static ComparedValues Matrix(float[][] rows) => new([rows.Length, rows[0].Length], [.. rows.SelectMany(row => row)]);

    private static ComparedValues Matrix(HeadImportance importance) =>
        Matrix([.. importance.ByBlock.Select(block => block.Select(value => (float)value).ToArray())]);

    /// <summary>The batch of a case and its labels.</summary>
    private sealed record Call(TokenBatch Batch, int[] Labels, PaddedRows Rows)
    {
        public Tensor Loss(Pass pass, Model model) => pass.Tape.CrossEntropy(Logits(pass, model), Labels);

        public IEnumerable<(string Name, ComparedValues Values)> Answers(Model model, string prefix, IReadOnlyList<Tensor>? gates)
        {
            var tape = new Tape();
            tape.Begin(recording: false);
            var pass = new Pass(tape, gates is null ? new Trace() : null) { HeadGates = gates };
            Tensor logits = Logits(pass, model);
            yield return (prefix + "logits", new ComparedValues(logits.Shape.ToArray(), logits.ToArray()));
            yield return (prefix + "loss", new ComparedValues([], [tape.CrossEntropy(logits, Labels).Item]));
            foreach ((int i, AttentionMaps maps) in (pass.Trace?.Attentions ?? []).Index())
                yield return ($"{prefix}attentions.{i}", Rows.PadAttention(maps, Rows));
        }

        public float LossWithout(Model model, AttentionShape[] attentions, int block, int head)
        {
            var tape = new Tape();
            tape.Begin(recording: false);
            Tensor[] gates = [.. attentions.Select((attention, b) => HeadImportance.Gates(
                Enumerable.Range(0, attention.Heads).Select(h => b == block && h == head ? 0f : 1f)))];
            return Loss(new Pass(tape) { HeadGates = gates }, model).Item;
        }

        private Tensor Logits(Pass pass, Model model) => model.SequenceLogits(pass, HeadKind.SequenceClassification, model.Forward(pass, Batch));
    }
}
