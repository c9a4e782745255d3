using Google.Protobuf;

namespace Attune.Formats;

/// <summary>A number or a text of an event file.</summary>
/// <param name="WallTime">Seconds since 1970 (UTC).</param>
/// <param name="Step">The training step.</param>
/// <param name="Tag">The curve's or text's name.</param>
/// <param name="Value">The number; null for a text.</param>
/// <param name="Text">The text; null for a number.</param>
public readonly record struct EventRecord(double WallTime, long Step, string Tag, float? Value, string? Text);

/// <summary>Reads the scalars and texts of a TensorBoard event file.</summary>
public static class EventFileReader
{
    /// <summary>Reads the records one after another. A last record that is cut off ends the file.</summary>
    /// <exception cref="AttuneFormatException">Missing file, wrong checksum, or a message that cannot be read.</exception>
    public static IEnumerable<EventRecord> Read(string path)
    {
        using Stream stream = DataFile.Open(path);
        foreach (ReadOnlyMemory<byte> data in TfRecord.Read(stream, path))
        {
            foreach (EventRecord record in Parse(data, path)) yield return record;
        }
    }

    private static List<EventRecord> Parse(ReadOnlyMemory<byte> data, string path)
    {
        double wallTime = 0;
        long step = 0;
        List<EventRecord> records = [];
        try
        {
            Fields(data.ToArray(), (field, input) =>
            {
                switch (field)
                {
                    case EventField.WallTime: wallTime = input.ReadDouble(); return true;
                    case EventField.Step: step = input.ReadInt64(); return true;
                    case EventField.Summary:
                        Fields(Bytes(input), (inner, summary) =>
                        {
                            if (inner != SummaryField.Value) return false;
                            records.Add(Value(Bytes(summary)));
                            return true;
                        });
                        return true;
                    default: return false;
                }
            });
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new AttuneFormatException($"an event cannot be read: {e.Message}", path, e);
        }
        return records.ConvertAll(record => record with { WallTime = wallTime, Step = step });
    }

    private static EventRecord Value(byte[] message)
    {
        EventRecord record = new(0, 0, "", null, null);
        Fields(message, (field, input) =>
        {
            switch (field)
            {
                case ValueField.Tag: record = record with { Tag = input.ReadString() }; return true;
                case ValueField.SimpleValue: record = record with { Value = input.ReadFloat() }; return true;
                case ValueField.Tensor:
                    Fields(Bytes(input), (inner, tensor) =>
                    {
                        if (inner != TensorField.Strings) return false;
                        record = record with { Text = tensor.ReadString() };
                        return true;
                    });
                    return true;
                default: return false;
            }
        });
        return record;
    }

    private static byte[] Bytes(CodedInputStream input) => input.ReadBytes().ToByteArray();

    // Calls read for every field with its tag consumed; a field that it leaves is skipped.
    private static void Fields(byte[] message, Func<int, CodedInputStream, bool> read)
    {
        using CodedInputStream input = new(message);
        while (input.ReadTag() is not 0 and uint tag)
        {
            if (!read(WireFormat.GetTagFieldNumber(tag), input)) input.SkipLastField();
        }
    }
}
