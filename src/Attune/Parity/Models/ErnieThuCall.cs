using Attune.Backbones.ErnieThu;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Parity.Models;

/// <summary>ERNIE of Tsinghua: tokens with the vectors of their entities, to be trained on words, pairs and entities, or to be classified.</summary>
internal sealed class ErnieThuCall : IReferenceCall
{
    private const int Ignore = -1;

    /// <inheritdoc/>
    public bool Serves(GoldenModel golden, Model model) => model.Backbone is ErnieThuBackbone;

    /// <inheritdoc/>
    public IPreparedCall Prepare(GoldenModel golden, Model model, CaseArguments arguments)
    {
        TokenInput ids = TokenInput.Read(arguments);
        PaddedRows rows = TokenArguments.Rows(arguments, ids.Shape, "attention_mask");
        TokenBatch batch = TokenArguments.Batch(arguments, ids, rows, golden.Family, golden.Config) with
        {
            Entities = new EntityRows(Rows(arguments.Get("input_ent"), rows), rows.Rows(arguments.Get("ent_mask").ToInt32())!.Select(mark => mark != 0).ToArray()),
        };
        if (model.Heads is [{ Kind: var kind }] && kind == HeadKind.SequenceClassification)
            return new Classifying(model, batch, SequenceLabels.Read(arguments.Find("labels"), golden.Config)!);
        // Where the vectors of the entities and the candidates come from.
        arguments.Find("entity_ids");
        arguments.Find("entity_table");
        StoredTensor candidates = arguments.Get("candidate");
        int ignored = golden.Config.Int("ignore_index", Ignore);
        int[] Labelled(string name) => Array.ConvertAll(rows.Rows(arguments.Get(name).ToInt32())!, label => label == ignored ? Labels.Ignore : label);
        return new PreTraining(
            model, batch, rows, Tensor.From([candidates.Shape[0], candidates.Shape[1]], candidates.ToFloat32()),
            Labelled("masked_lm_labels"), arguments.Get("next_sentence_label").ToInt32(), Labelled("ent_labels"));
    }

    private static Tensor Rows(StoredTensor padded, PaddedRows rows)
    {
        float[] all = padded.ToFloat32();
        int width = padded.Shape[2];
        int[] cells = rows.Rows([.. Enumerable.Range(0, rows.Sequences * rows.Length)])!;
        return Tensor.From([cells.Length, width], [.. cells.SelectMany(cell => all.AsSpan(cell * width, width).ToArray())]);
    }

    private sealed class Classifying(Model model, TokenBatch batch, SequenceLabels labels) : IPreparedCall
    {
        public CallOutputs Run(Pass pass)
        {
            Tensor logits = model.Head<ISequenceHead>(HeadKind.SequenceClassification).Logits(pass, model.Forward(pass, batch));
            var outputs = new CallOutputs();
            outputs.Add("logits", logits);
            outputs.SetLoss(labels.Loss(pass, logits));
            return outputs;
        }
    }

    private sealed class PreTraining(Model model, TokenBatch batch, PaddedRows rows, Tensor candidates, int[] words, int[] order, int[] entities) : IPreparedCall
    {
        public CallOutputs Run(Pass pass)
        {
            BackboneOutput output = model.Forward(pass, batch);
            var outputs = new CallOutputs();
            for (int i = 0; i < output.Layers.Count; i++)
            {
                Tensor state = output.Layers[i];
                outputs.Add($"token_state.{i}", () => rows.Pad(state));
            }
            for (int i = 0; i < pass.Trace?.SecondStream.Count; i++)
            {
                Tensor state = pass.Trace.SecondStream[i];
                outputs.Add($"entity_state.{i}", () => rows.Pad(state));
            }
            outputs.Add("pooled", output.Pooled!);
            ITokenHead head = model.Head<ITokenHead>(HeadKind.MaskedLm);
            if (!pass.Tape.Recording)
            {
                Tensor scores = head.Logits(pass, output);
                outputs.Add("mlm_logits", () => rows.Pad(scores));
            }
            Tensor pairs = model.Head<ISequenceHead>(HeadKind.SentencePair).Logits(pass, output);
            Tensor aligned = model.Head<IEntityHead>(HeadKind.EntityAlignment).Logits(pass, output.Hidden, candidates);
            outputs.Add("nsp_logits", pairs);
            outputs.Add("entity_logits", () => rows.Pad(aligned));
            Tensor both = pass.Tape.Add(head.Loss(pass, output, words), pass.Tape.CrossEntropy(pairs, order));
            Tensor alignment = pass.Tape.CrossEntropy(aligned, entities, Labels.Ignore);
            outputs.Add("mlm_plus_nsp", both);
            outputs.Add("dea_loss", alignment);
            outputs.SetLoss(pass.Tape.Add(both, alignment));
            return outputs;
        }
    }
}
