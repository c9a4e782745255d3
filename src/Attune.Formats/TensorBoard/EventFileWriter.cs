using Google.Protobuf;

namespace Attune.Formats;

/// <summary>
/// Writes an event file that TensorBoard reads: scalars and texts by tag and step. The messages (Event, Summary) are written field by
/// field, so no generated code is needed.
/// </summary>
/// <remarks>Safe to use from several threads. Every record is given to the operating system at once, so a killed run loses nothing.</remarks>
public sealed class EventFileWriter : IDisposable
{
    private const string Version = "brain.Event:2", TextPlugin = "text";
    private const int StringType = 7;

    private readonly Lock _lock = new();
    private readonly TimeProvider _clock;
    private readonly FileStream _stream;

    /// <summary>Starts a new event file in a folder, which is made if it is missing.</summary>
    /// <param name="folder">TensorBoard's log directory, or a folder below it.</param>
    /// <param name="clock">Gives the wall time of the records.</param>
    /// <exception cref="AttuneWriteException">Full disk, read-only folder or the like.</exception>
    public EventFileWriter(string folder, TimeProvider clock)
    {
        _clock = clock;
        long seconds = clock.GetUtcNow().ToUnixTimeSeconds();
        try
        {
            Directory.CreateDirectory(folder);
            _stream = OpenNew(folder, seconds);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AttuneWriteException(folder, e);
        }
        Append(0, message => message.Text(EventField.FileVersion, Version));
    }

    /// <summary>The file that is written.</summary>
    public string Path => _stream.Name;

    /// <summary>Adds a number to a curve.</summary>
    /// <param name="tag">The curve, e.g. <c>train/loss</c>.</param>
    /// <param name="value">The number.</param>
    /// <param name="step">The training step.</param>
    /// <exception cref="AttuneWriteException">Full disk or the like.</exception>
    public void Scalar(string tag, float value, long step) => Append(step, e => e.Message(EventField.Summary, summary =>
        summary.Message(SummaryField.Value, entry =>
        {
            entry.Text(ValueField.Tag, tag);
            entry.Float(ValueField.SimpleValue, value);
        })));

    /// <summary>Adds a text, shown as Markdown.</summary>
    /// <param name="tag">The text's name.</param>
    /// <param name="text">The text.</param>
    /// <param name="step">The training step.</param>
    /// <exception cref="AttuneWriteException">Full disk or the like.</exception>
    public void Text(string tag, string text, long step) => Append(step, e => e.Message(EventField.Summary, summary =>
        summary.Message(SummaryField.Value, entry =>
        {
            entry.Text(ValueField.Tag, tag);
            entry.Message(ValueField.Tensor, tensor =>
            {
                tensor.Integer(TensorField.Type, StringType);
                tensor.Message(TensorField.Shape, shape => shape.Message(TensorField.ShapeDimension, size => size.Integer(TensorField.DimensionSize, 1)));
                tensor.Text(TensorField.Strings, text);
            });
            entry.Message(ValueField.Metadata, metadata => metadata.Message(MetadataField.Plugin, plugin => plugin.Text(MetadataField.PluginName, TextPlugin)));
        })));

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        lock (_lock) _stream.Dispose();
    }

    private static FileStream OpenNew(string folder, long seconds)
    {
        for (int attempt = 0; ; attempt++)
        {
            string name = FormattableString.Invariant($"events.out.tfevents.{seconds}.{Environment.MachineName}.{Environment.ProcessId}.{attempt}");
            string path = System.IO.Path.Combine(folder, name);
            // A second writer of the same process within one second takes the next number.
            if (!File.Exists(path)) return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite);
        }
    }

    private void Append(long step, Action<MessageWriter> content)
    {
        byte[] message = MessageWriter.Build(fields =>
        {
            fields.Double(EventField.WallTime, (_clock.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds);
            fields.Integer(EventField.Step, step);
            content(fields);
        });
        lock (_lock)
        {
            try
            {
                TfRecord.Write(_stream, message);
                _stream.Flush();
            }
            catch (IOException e)
            {
                throw new AttuneWriteException(Path, e);
            }
        }
    }

    /// <summary>Writes the fields of one protobuf message.</summary>
    private readonly struct MessageWriter(CodedOutputStream output)
    {
        public static byte[] Build(Action<MessageWriter> content)
        {
            using MemoryStream bytes = new();
            using (CodedOutputStream output = new(bytes, leaveOpen: true)) content(new MessageWriter(output));
            return bytes.ToArray();
        }

        public void Double(int field, double value)
        {
            output.WriteTag(field, WireFormat.WireType.Fixed64);
            output.WriteDouble(value);
        }

        public void Float(int field, float value)
        {
            output.WriteTag(field, WireFormat.WireType.Fixed32);
            output.WriteFloat(value);
        }

        public void Integer(int field, long value)
        {
            output.WriteTag(field, WireFormat.WireType.Varint);
            output.WriteInt64(value);
        }

        public void Text(int field, string value)
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteString(value);
        }

        public void Message(int field, Action<MessageWriter> content)
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(Build(content)));
        }
    }
}
